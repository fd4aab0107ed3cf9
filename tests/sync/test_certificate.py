"""The transport certificate: small, nameless, one encoding, and readable by others."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from localstore import crypto
from sync.errors import BadCertificate
from sync.post_office import certificate
from sync.post_office.certificate import CERTIFICATE_BYTES

SEED = bytes(range(32))
DER = certificate.make(SEED)


@given(st.binary(min_size=32, max_size=32))
def test_a_certificate_says_its_key_and_is_always_the_same(seed: bytes) -> None:
    der = certificate.make(seed)
    assert certificate.public_key(der) == crypto.signing_key(seed).public
    assert certificate.make(seed) == der
    assert len(der) == CERTIFICATE_BYTES == 176


def test_another_reader_understands_it() -> None:
    read = x509.load_der_x509_certificate(DER)
    read.verify_directly_issued_by(read)
    key = read.public_key()
    assert isinstance(key, Ed25519PublicKey)
    assert key.public_bytes_raw() == crypto.signing_key(SEED).public
    assert read.subject == read.issuer == x509.Name([])
    assert list(read.extensions) == []
    assert read.not_valid_before_utc == datetime(1970, 1, 1, tzinfo=UTC)
    assert read.not_valid_after_utc == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_every_single_flipped_bit_is_refused() -> None:
    for bit in range(len(DER) * 8):
        altered = bytearray(DER)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadCertificate):
            certificate.public_key(bytes(altered))


@given(st.binary(max_size=300) | st.integers(0, CERTIFICATE_BYTES - 1).map(lambda n: DER[:n]) | st.just(DER + b"\0"))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadCertificate):
        certificate.public_key(data)


def test_the_private_key_is_encrypted() -> None:
    pem = certificate.encrypted_key(SEED, b"password")
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert SEED not in pem
    load_pem_private_key(pem, b"password")
    with pytest.raises(ValueError, match="password|decrypt"):
        load_pem_private_key(pem, b"another")
