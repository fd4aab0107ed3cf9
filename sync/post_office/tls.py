"""TLS contexts that trust one certificate each: version 1.3 only, both sides authenticated, no tickets, no names.

The certificate that is pinned is the whole trust store of its context, and after the handshake the peer's certificate
is compared with it byte for byte. Python's TLS reads a private key from a file only. So the key is encrypted under a
random password that never leaves this function, in a private temporary folder that is removed at once: what may
remain on the disk is of no use. The same way is taken on every platform.
"""

import ssl
import tempfile
from pathlib import Path
from typing import NamedTuple

from localstore import crypto
from sync.errors import OtherCertificate
from sync.post_office import certificate
from sync.protocol import Role


class Identity(NamedTuple):
    """Our transport key: its seed, its certificate (DER), its raw public half."""

    seed: bytes
    certificate: bytes
    key: bytes


def context(role: Role, own: Identity, pinned: bytes) -> ssl.SSLContext:
    """The context of one connection with the peer whose certificate (DER) is `pinned`."""
    server = role is Role.SERVER
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False  # the certificates hold no name; the pin is the check
    made.verify_mode = ssl.CERT_REQUIRED
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_verify_locations(cadata=pinned)
    if server:
        made.num_tickets = 0  # a ticket would be a byte sent to a client that was not heard yet
    _load_key(made, own)
    return made


def _load_key(made: ssl.SSLContext, own: Identity) -> None:
    password = crypto.random_bytes(crypto.KEY_BYTES).hex()
    chain = certificate.encrypted_key(own.seed, password.encode()) + ssl.DER_cert_to_PEM_cert(own.certificate).encode()
    with tempfile.TemporaryDirectory() as folder:  # mode 0700
        path = Path(folder) / "chain"
        path.write_bytes(chain)
        made.load_cert_chain(path, password=password)


def check_pin(connection: ssl.SSLObject | None, pinned: bytes) -> None:
    """Return if the peer of a finished handshake showed exactly the `pinned` certificate; raise OtherCertificate."""
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    if shown is None or not crypto.equal(shown, pinned):
        raise OtherCertificate(reason="its certificate is another one")
