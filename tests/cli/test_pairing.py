"""Live pairing, QR codes and changed keys on the command line: real processes on terminals of their own."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from localstore import settings
from localstore.settings import Network, Settings
from tests.cli.pairing import shown, typed
from tests.cli.running import ROOT, ask, at, init, run
from tests.namespaces import SUBNET
from tests.tui.terminal import Terminal

COMPARED = r"\n    (\d{3} \d{3}    (\S+)  \S+  \S+)\n"
ASKED = r"Are they the same\?"
AT = r"confrere pair --at (127\.0\.0\.1:\d+)"


class Two(NamedTuple):
    """Two practices that don't know each other. Alpha has the patient Zoé."""

    alpha: Path
    beta: Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Two:
    """To be copied."""
    place = tmp_path_factory.mktemp("strangers")
    two = Two(Path(shutil.copytree(pristine, place / "alpha")), place / "beta")
    init(two.beta, "Dr Beta", "10003000014")
    at(two.alpha, "add", "zoe", "problem", "--text", "Asthme")
    for folder in two:
        settings.write(folder, Settings(network=Network(("127.0.0.1",), 0, discovery=False)))
    return two


@pytest.fixture
def two(kept: Two, tmp_path: Path) -> Two:
    """Two practices of this test alone."""
    return Two(*(Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in kept))


@pytest.fixture
def reinstalled(tmp_path: Path) -> Path:
    """A practice under the number of beta, with other keys."""
    init(tmp_path / "reinstalled", "Dr Beta", "10003000014")
    settings.write(tmp_path / "reinstalled", Settings(network=Network(("127.0.0.1",), 0, discovery=False)))
    return tmp_path / "reinstalled"


def colleagues_of(folder: Path) -> Any:
    """Who is known there."""
    return ask(folder, "colleague", "list")


def compare(one: Terminal, other: Terminal, *, after: int = 0) -> str:
    """Both are asked about the same digits and words; what is typed for a yes."""
    shown(one, ASKED, other, after=after)
    shown(other, ASKED, one)
    same = shown(one, COMPARED, after=after)
    assert same[1] == shown(other, COMPARED)[1]
    return same[2] + "\n"


def meet(alpha: Path, beta: Path) -> None:
    """Pair the two, with a yes on both sides."""
    with typed(alpha, "pair", "--by", "person") as here:
        address = shown(here, AT)[1]
        with typed(beta, "pair", "--at", address, "--by", "person") as there:
            yes = compare(here, there)
            here.type(yes)
            shown(here, "Waiting for the colleague's yes", there)
            there.type(yes)
            assert there.ended() == 0, there.words()
            assert here.ended() == 0, here.words()


def test_two_pair_through_an_address_and_can_exchange_at_once(two: Two) -> None:
    with typed(two.alpha, "pair", "--by", "phone") as here:
        address = shown(here, AT)[1]
        with typed(two.beta, "pair", "--at", address, "--by", "person", "--json") as there:
            yes = compare(here, there)
            assert "Dr Beta" in here.words() and re.search(r"RPPS +10003000014", here.words())
            there.type(yes)
            shown(there, "Waiting for the colleague's yes", here)
            here.type(yes)
            assert here.ended() == 0 and there.ended() == 0
            document = json.loads(shown(there, r'(\{"id":.*\})\s*$')[1])
    host, _, port = address.rpartition(":")
    with socket.socket() as trying:
        assert trying.connect_ex((host, int(port))) != 0
    assert document["state"] == "verified-in-person"
    assert len(document["words"]) == 3 and len(document["digits"]) == 7
    (of_beta,), (of_alpha,) = colleagues_of(two.alpha), colleagues_of(two.beta)
    assert (of_beta["state"], of_alpha["state"]) == ("verified-by-phone", "verified-in-person")
    assert of_beta["fingerprint"] == of_alpha["fingerprint"]
    at(two.alpha, "consent", "grant", "zoe", "beta", "--purpose", "avis")
    assert ask(two.alpha, "share", "zoe", "beta")["entries"] == 1
    actions = [line["action"] for line in ask(two.alpha, "history")]
    assert {"colleague-added", "colleague-verified"} <= set(actions)


@pytest.mark.parametrize("who", ["caller", pytest.param("called", marks=pytest.mark.long)])
def test_a_no_on_either_side_keeps_nothing(two: Two, who: str) -> None:
    with typed(two.alpha, "pair", "--by", "person") as here:
        address = shown(here, AT)[1]
        with typed(two.beta, "pair", "--at", address, "--by", "person") as there:
            yes = compare(here, there)
            refusing, other = (there, here) if who == "caller" else (here, there)
            other.type(yes)
            shown(other, "Waiting for the colleague's yes", refusing)
            refusing.type("\n")  # what Enter alone gives
            assert there.ended() == 7
            assert "Nothing was kept" in there.words()
            shown(here, "You are still visible")
            here.type("\x03")
            assert here.ended() == 130
    assert colleagues_of(two.alpha) == colleagues_of(two.beta) == []


@pytest.mark.long
def test_a_second_candidate_after_a_no(two: Two, reinstalled: Path) -> None:
    with typed(two.alpha, "pair", "--by", "person") as here:
        address = shown(here, AT)[1]
        with typed(two.beta, "pair", "--at", address, "--by", "person") as first:
            compare(here, first)
            here.type("n\n")
            assert first.ended() == 7
            assert "the colleague said no" in first.words()
        shown(here, "You are still visible")
        said = len(here.output)
        with typed(reinstalled, "pair", "--at", address, "--by", "person") as second:
            yes = compare(here, second, after=said)
            here.type(yes)
            second.type(yes)
            assert here.ended() == 0 and second.ended() == 0
    (known,) = colleagues_of(two.alpha)
    assert known["state"] == "verified-in-person"


@pytest.mark.long
def test_what_is_typed_before_a_question_is_no_answer_to_it(two: Two) -> None:
    with typed(two.alpha, "pair", "--by", "person") as here:
        address = shown(here, AT)[1]
        here.type("y\ny\n")
        with typed(two.beta, "pair", "--at", address, "--by", "person") as there:
            yes = compare(here, there)
            there.type(yes)
            shown(there, "Waiting for the colleague's yes", here)
            assert "Waiting for" not in here.words()
            here.type(yes)
            assert here.ended() == 0 and there.ended() == 0


@pytest.mark.long
def test_ctrl_c_is_a_no_at_any_moment(two: Two) -> None:
    with typed(two.alpha, "pair", "--by", "person") as here:
        shown(here, AT)
        here.type("\x03")
        assert here.ended() == 130
    with typed(two.alpha, "pair", "--by", "person") as here:
        address = shown(here, AT)[1]
        with typed(two.beta, "pair", "--at", address, "--by", "person") as there:
            yes = compare(here, there)
            here.type(yes)
            shown(here, "Waiting for the colleague's yes", there)
            here.type("\x03")
            assert here.ended() == 130
            assert there.ended() == 7
    assert colleagues_of(two.alpha) == colleagues_of(two.beta) == []


def test_without_a_terminal_it_is_refused(two: Two) -> None:
    ended = run("--practice", two.alpha, "pair", "--by", "person")
    assert ended.code == 4 and "terminal" in ended.err
    assert run("--practice", two.alpha, "pair", "--at", "nowhere").code == 5


@pytest.mark.long
def test_an_accord_is_not_undone_by_ctrl_c_while_a_stranger_holds_up_the_end(two: Two) -> None:
    with typed(two.alpha, "pair", "--by", "person") as here:
        host, _, port = shown(here, AT)[1].rpartition(":")
        hanging = [sys.executable, "-m", "tests.cli.hanging", host, port]
        with typed(two.beta, "pair", "--at", f"{host}:{port}", "--by", "person") as there:
            yes = compare(here, there)
            with subprocess.Popen(hanging, stdout=subprocess.PIPE, cwd=ROOT) as stranger:
                assert stranger.stdout is not None and stranger.stdout.readline() == b"compared\n"
                here.type(yes)
                there.type(yes)
                shown(here, "Dr Beta is verified", there)
                here.type("\x03")  # the meeting is still being taken down: the stranger does not answer
                assert here.ended() == 0 and there.ended() == 0
                stranger.kill()
    assert [one["name"] for folder in two for one in colleagues_of(folder)] == ["Dr Beta", "Dr Alpha"]


@pytest.mark.long
def test_two_that_are_announced_find_each_other(two: Two) -> None:
    for folder in two:
        settings.write(folder, Settings(network=Network(("127.0.0.1",), 0, discovery=True)))
    with typed(two.alpha, "pair", "--by", "person") as here, typed(two.beta, "pair", "--by", "person") as there:
        shown(here, AT, there)
        shown(there, AT, here)
        if "impossible" in here.words():
            pytest.skip("multicast is impossible on this machine's loopback")
        yes = compare(here, there)
        here.type(yes)
        there.type(yes)
        assert here.ended() == 0 and there.ended() == 0
    assert [one["name"] for folder in two for one in colleagues_of(folder)] == ["Dr Beta", "Dr Alpha"]


@pytest.mark.long
def test_two_machines_on_one_cable_find_each_other(two: Two, machines: tuple[str, str]) -> None:
    for folder in two:
        settings.write(folder, Settings())
    with (
        typed(two.alpha, "pair", "--by", "person", machine=machines[0]) as here,
        typed(two.beta, "pair", "--by", "person", machine=machines[1]) as there,
    ):
        address = shown(here, rf"confrere pair --at {re.escape(SUBNET)}\.1:(\d+)", there)
        assert "impossible" not in here.words()
        yes = compare(here, there)
        here.type(yes)
        there.type(yes)
        assert here.ended() == 0 and there.ended() == 0
    listening = ["ip", "netns", "exec", machines[0], "ss", "-Hltn"]
    assert f":{address[1]}" not in subprocess.run(listening, capture_output=True, text=True, check=True).stdout
    assert [one["name"] for folder in two for one in colleagues_of(folder)] == ["Dr Beta", "Dr Alpha"]


# --- changed keys ----------------------------------------------------------------------------------------------------


def card_of(folder: Path, target: Path) -> Path:
    """The card of a practice, in a file."""
    at(folder, "card", "export", target, "--force")
    return target


@pytest.mark.long
def test_a_changed_key_is_a_hard_stop_until_a_doctor_has_decided(two: Two, reinstalled: Path, tmp_path: Path) -> None:
    meet(two.alpha, two.beta)
    at(two.alpha, "consent", "grant", "zoe", "beta", "--purpose", "avis")
    at(two.alpha, "share", "zoe", "beta")
    new = card_of(reinstalled, tmp_path / "new.txt")
    before = colleagues_of(two.alpha)[0]
    ended = run("--practice", two.alpha, "colleague", "add", new)
    assert ended.code == 4 and "another key" in ended.err and before["id"] in ended.err
    assert colleagues_of(two.alpha)[0]["state"] == "key-changed"
    assert run("--practice", two.alpha, "share", "zoe", "beta").code == 4

    kept = ask(two.alpha, "colleague", "keep", "beta", "--yes")
    assert kept["state"] == before["state"] and kept["fingerprint"] == before["fingerprint"]
    assert run("--practice", two.alpha, "share", "zoe", "beta").code == 0

    assert run("--practice", two.alpha, "colleague", "add", new).code == 4
    old = before["fingerprint"]
    assert run("--practice", two.alpha, "colleague", "verify", "beta", "--fingerprint", old).code == 4
    at(reinstalled, "colleague", "add", card_of(two.alpha, tmp_path / "alpha.txt"))
    (alpha,) = colleagues_of(reinstalled)
    rekeyed = ask(two.alpha, "colleague", "verify", "beta", "--fingerprint", alpha["fingerprint"])
    assert rekeyed["state"] == "verified-in-person" and rekeyed["id"] == before["id"]
    assert ask(two.alpha, "consent", "list", "zoe")[0]["revoked"] == ""
    assert run("--practice", two.alpha, "share", "zoe", "beta").code == 0
    actions = [line["action"] for line in ask(two.alpha, "history")]
    assert {"colleague-key-changed", "colleague-key-kept", "colleague-rekeyed"} <= set(actions)


@pytest.mark.long
def test_a_live_meeting_under_another_key_says_so_and_rekeys(two: Two, reinstalled: Path) -> None:
    meet(two.alpha, two.beta)
    before = colleagues_of(two.alpha)[0]
    for says_yes, code in ((False, 130), (True, 0)):
        with typed(two.alpha, "pair", "--by", "person") as here:
            address = shown(here, AT)[1]
            with typed(reinstalled, "pair", "--at", address, "--by", "person") as there:
                yes = compare(here, there)
                assert "CAUTION" in here.words() and "CAUTION" not in there.words()
                there.type(yes)
                here.type(yes if says_yes else "n\n")
                if code:
                    assert there.ended() == 7
                    here.type("\x03")
                assert here.ended() == code
        now = colleagues_of(two.alpha)[0]
        assert now["id"] == before["id"] and now["state"] == "verified-in-person"
        assert (now["fingerprint"] == before["fingerprint"]) is bool(code)


# --- the card as a code ----------------------------------------------------------------------------------------------


def read_code(image: Path) -> str:
    """What a reader of codes sees in an image."""
    if shutil.which("zbarimg") is None:
        pytest.skip("there is no reader of QR codes here (zbarimg)")
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(image)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_card_as_an_image_can_be_read_and_added(two: Two, tmp_path: Path) -> None:
    image, words = tmp_path / "card.png", tmp_path / "read.txt"
    at(two.alpha, "card", "show", "--qr", image)
    words.write_text(read_code(image))
    added = ask(two.beta, "colleague", "add", words)
    assert added["name"] == "Dr Alpha" and added["state"] == "received"
    at(two.alpha, "card", "show", "--qr", tmp_path / "card.svg")
    assert (tmp_path / "card.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("words", [("card.png",), ("--qr", "card.gif"), ("--qr", "card")])
def test_a_file_that_is_no_image_is_a_wrong_command(two: Two, words: tuple[str, ...]) -> None:
    assert run("--practice", two.alpha, "card", "show", *words).code == 2


def test_a_code_on_a_small_terminal_comes_in_pages(two: Two) -> None:
    with typed(two.alpha, "card", "show", "--qr") as here:
        said = 0
        for place in range(1, 15):
            shown(here, f"Code {place} of 15; Enter shows the next", after=said)
            said = len(here.output)
            here.type("\n")
        assert here.ended() == 0
        assert here.words(said).count("█▀▀▀▀▀█") >= 1  # the corner of the last one


def test_a_code_on_a_pipe_is_one(two: Two) -> None:
    lines = at(two.alpha, "card", "show", "--qr").out.splitlines()
    assert len(lines) > 60 and {len(line) for line in lines} == {2 * len(lines) - 1}
