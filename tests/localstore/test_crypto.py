"""The primitives against published vectors, and their domain separation."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings, exceptions

from localstore import crypto
from localstore.crypto import CryptoError

WYCHEPROOF = Path(__file__).parents[2] / "../shared/data/wycheproof"


def vectors(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    path = WYCHEPROOF / name
    if not path.exists():
        pytest.skip("the Wycheproof vectors are not beside this checkout")
    groups = json.loads(path.read_text())["testGroups"]
    return [(group, test) for group in groups for test in group["tests"]]


def test_ed25519_agrees_with_wycheproof() -> None:
    for group, test in vectors("ed25519_test.json"):
        public = bytes.fromhex(group["publicKey"]["pk"])
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        try:
            crypto.check_ed25519(public, message, signature)
            good = True
        except CryptoError:
            good = False
        assert good == (test["result"] == "valid"), test


def test_x25519_agrees_with_wycheproof() -> None:
    for _, test in vectors("x25519_test.json"):
        secret, public = bytes.fromhex(test["private"]), bytes.fromhex(test["public"])
        try:
            shared = crypto.agree(secret, public).hex()
        except CryptoError:
            assert test["result"] != "valid", test
        else:
            assert shared == test["shared"], test


def test_xchacha20_poly1305_agrees_with_wycheproof() -> None:
    decrypt = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt
    for group, test in vectors("xchacha20_poly1305_test.json"):
        if group["ivSize"] != 192:
            continue
        sealed = bytes.fromhex(test["ct"]) + bytes.fromhex(test["tag"])
        arguments = (sealed, bytes.fromhex(test["aad"]), bytes.fromhex(test["iv"]), bytes.fromhex(test["key"]))
        try:
            opened = decrypt(*arguments).hex()
        except exceptions.CryptoError:
            assert test["result"] == "invalid", test
        else:
            assert (opened, test["result"]) == (test["msg"], "valid"), test


@given(st.binary(), st.binary())
def test_what_is_encrypted_for_one_purpose_opens_for_no_other(plaintext: bytes, associated: bytes) -> None:
    key, nonce = bytes(32), bytes(24)
    sealed = crypto.encrypt(key, nonce, plaintext, "one", associated)
    assert crypto.decrypt(key, nonce, sealed, "one", associated) == plaintext
    for purpose, other in (("other", associated), ("one", associated + b"x")):
        with pytest.raises(CryptoError):
            crypto.decrypt(key, nonce, sealed, purpose, other)


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_different_parts_never_hash_alike(left: list[bytes], right: list[bytes]) -> None:
    assert (crypto.digest("x", *left) == crypto.digest("x", *right)) == (left == right)
    assert crypto.digest("x", *left) != crypto.digest("y", *left)
    assert crypto.keyed_digest(bytes(32), "x", *left) != crypto.digest("x", *left)


def test_sealing_survives_its_serialisation_and_refuses_the_rest() -> None:
    pair = crypto.sealing_key()
    sealed = crypto.seal(pair.public, b"hello", "offer", b"context")
    assert len(sealed) == 5 + crypto.HPKE_OVERHEAD
    assert (len(pair.public), len(pair.secret)) == (crypto.SEALING_PUBLIC_BYTES, crypto.SEALING_SECRET_BYTES)
    assert crypto.unseal(pair.secret, sealed, "offer", b"context") == b"hello"
    for purpose, context, data in (
        ("other", b"context", sealed),
        ("offer", b"other", sealed),
        ("offer", b"context", sealed[:-1]),
        ("offer", b"context", b""),
    ):
        with pytest.raises(CryptoError):
            crypto.unseal(pair.secret, data, purpose, context)
    for malformed in (b"", pair.public[:-1], b"\xff" * crypto.SEALING_PUBLIC_BYTES):
        with pytest.raises(CryptoError):
            crypto.seal(malformed, b"hello", "offer", b"")


def test_a_public_key_of_small_order_is_refused() -> None:
    for hostile in (bytes(32), b"\x01" + bytes(31), b"short"):
        with pytest.raises(CryptoError):
            crypto.agree(crypto.agreement_key().secret, hostile)


def test_equal_compares_whole_values() -> None:
    assert crypto.equal(b"abc", b"abc")
    assert not crypto.equal(b"abc", b"abd")
    assert not crypto.equal(b"abc", b"ab")
    assert base64.b64encode(crypto.label("x")) == base64.b64encode(b"confrere/v1/x\0")
