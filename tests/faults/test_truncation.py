"""Files cut short, emptied or missing: a practice never opens as an empty one, and the attempt changes nothing."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localstore import keystore, paths, postbox, record, settings
from localstore.bodies import ProblemBody
from localstore.errors import BadInput, ConfrereError
from localstore.values import Concept
from tests import practices
from tests.cli import running
from tests.faults.conftest import Tell
from tests.faults.reopening import Keys, everything, keys_of, reopen

PAGE = 4096
WHOLE = ("keyring", "head")  # cut at each length


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys, bytes]:
    """A practice with a patient, some entries and a postbox; its keys, and that of the postbox."""
    folder = tmp_path_factory.mktemp("origin") / "practice"
    desk = practices.make_desk(folder)
    zoe = practices.add_zoe(desk.practice)
    for number in range(40):
        record.add(desk.practice, zoe.id, ProblemBody(Concept(f"Goutte {number} " * 40)))
    key = keystore.get(desk.practice.connection, "postbox")
    assert key is not None
    desk.close()
    return folder, keys_of(folder), key


@pytest.fixture
def folder(origin: tuple[Path, Keys, bytes], place: Path) -> Path:
    """A copy of the practice."""
    return Path(shutil.copytree(origin[0], place / "practice"))


def lengths(name: str, size: int, long: bool) -> list[int]:
    """Where a file is cut: a database around each page, or a sample of them; a small file at each length."""
    if name in WHOLE:
        return list(range(0, size, 1 if long else 7)) + [size - 1]
    pages = range(PAGE, size, PAGE * (1 if long else 5))
    cuts = {0, 1, PAGE - 1, size - PAGE, size - 100, size - 1, *pages}
    return sorted(cuts | {cut + by for cut in pages for by in (-1, 1)})


def refusal(attempt: Callable[[], object], folder: Path, name: str) -> ConfrereError:
    """The error of an attempt that must fail, must name the file, and must leave all files as they are."""
    before = everything(folder)
    with pytest.raises(ConfrereError) as caught:
        attempt()
    assert everything(folder) == before
    sentence = str(caught.value)
    assert name in sentence and "Nothing was changed. " in sentence, sentence
    assert not sentence.endswith("Nothing was changed. ")  # what to do next
    return caught.value


def damages(path: Path, long: bool) -> Iterator[int]:
    """Cut the file to one length after the other; at the end it is as it was before."""
    data = path.read_bytes()
    for cut in lengths(path.name, len(data), long):
        path.write_bytes(data[:cut])
        yield cut
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["record.db", *WHOLE])
def test_the_record_never_opens_as_empty(
    origin: tuple[Path, Keys, bytes], folder: Path, name: str, at_full_length: bool, tell: Tell
) -> None:
    counts: Counter[str] = Counter()
    for _ in damages(folder / name, at_full_length):
        error = refusal(lambda: reopen(folder, origin[1]).close(), folder, name)
        assert error.exit_code == 6
        counts["damages"] += 1
        counts["refused, with all files as they were"] += 1
    tell(f"{name} cut", counts)
    reopen(folder, origin[1]).close()


def test_the_postbox_never_opens_as_empty(
    origin: tuple[Path, Keys, bytes], folder: Path, at_full_length: bool, tell: Tell
) -> None:
    path, counts = paths.postbox(folder), Counter[str]()
    for _ in damages(path, at_full_length):
        error = refusal(lambda: postbox.open_postbox(path, origin[2]).close(), folder, path.name)
        assert error.exit_code == 6
        counts["damages"] += 1
        counts["refused, with all files as they were"] += 1
    tell("postbox.db cut", counts)


@pytest.mark.parametrize("name", ["record.db", "postbox.db", *WHOLE])
@pytest.mark.parametrize("cut", [None, 0, 100, -100])
def test_the_command_says_it_in_one_sentence(folder: Path, name: str, cut: int | None) -> None:
    if cut is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes((folder / name).read_bytes()[:cut])
    # That the postbox is damaged is found when the record is open, which seals the months of its history that are over.
    looked_at = {name} if name == "postbox.db" else set(everything(folder))
    before = {kept: data for kept, data in everything(folder).items() if kept in looked_at}
    ended = running.run("--practice", folder, "inbox", "--json", passphrase=practices.PASSPHRASE)
    assert (ended.code, ended.out, ended.err.count("\n")) == (6, "", 1), ended
    assert name in ended.err and "Nothing was changed. " in ended.err
    assert {kept: data for kept, data in everything(folder).items() if kept in looked_at} == before


def test_settings_that_are_cut_are_refused_or_hold_what_is_left(folder: Path, tell: Tell) -> None:
    path, counts = paths.settings(folder), Counter[str]()
    whole = settings.read(folder)
    data = path.read_bytes()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        try:
            found = settings.read(folder)
        except BadInput as error:
            assert error.exit_code == 5 and "practice.toml" in str(error) and "Nothing was changed." in str(error)
            counts["refused"] += 1
        else:
            assert type(found) is type(
                whole
            )  # a line that is gone has its default: nothing in it is a secret or a name
            counts["read as far as they go"] += 1
        assert path.read_bytes() == data[:cut]
    tell("practice.toml cut", counts)
    assert counts["refused"]
