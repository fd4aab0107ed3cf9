"""The daemon without anybody's passphrase: the postbox's key in the keyring of the operating system.

A practice chooses this; without it the key exists only inside the record. What it costs: whoever can use the session of
this user, or his unlocked keyring, can run the post office: read which colleagues there are and when they met, take
sealed envelopes away, and answer in the practice's place. The record's key is never kept here, and no patient is seen.

Only keyrings of the system itself are used. Others (a plain file, an encrypted file under yet another passphrase) may
be what the Python package would choose; they are no place for a key.
"""

import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from localstore import crypto
from localstore.crypto import KEY_BYTES
from localstore.errors import BadInput
from sync.errors import NoKeyring, NotUnattended

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "confrere"
ACCOUNT_BYTES = 16
# macOS Keychain, Windows Credential Locker, Secret Service (GNOME, KeePassXC, KDE), KWallet.
_OF_THE_SYSTEM = ("macOS", "Windows", "SecretService", "libsecret", "kwallet")


def account(folder: Path) -> str:
    """Under which name the keyring holds the key of this practice: a digest, so that it tells no name and no path."""
    return crypto.digest("unattended-account", str(folder.resolve()).encode())[:ACCOUNT_BYTES].hex()


def _keyring() -> "KeyringBackend":
    """The best keyring of this system. Raises NoKeyring."""
    try:
        from keyring import backend  # an extra: not every installation has it, and no other start needs it
    except ImportError as error:
        raise NoKeyring(reason="the Python package “keyring” is not installed") from error
    places = [f"keyring.backends.{name}" for name in _OF_THE_SYSTEM]
    found = [one for one in backend.get_all_keyring() if type(one).__module__ in places and one.priority >= 1]
    if not found:
        raise NoKeyring(reason="this session offers none")
    return max(found, key=lambda one: one.priority)


def _refusals() -> tuple[type[Exception], ...]:
    """What a keyring raises; that of Linux lets errors of its own library through."""
    from keyring.errors import KeyringError

    try:
        from secretstorage.exceptions import SecretStorageException
    except ImportError:
        return (KeyringError,)
    return (KeyringError, SecretStorageException)


def keep(folder: Path, key: bytes) -> None:
    """Put the postbox's key into the keyring, in place of an earlier one. Raises NoKeyring."""
    place = _keyring()
    try:
        place.set_password(SERVICE, account(folder), key.hex())
    except _refusals() as error:
        raise NoKeyring(reason="it took nothing; it may be locked") from error


def kept(folder: Path) -> bytes:
    """The postbox's key from the keyring. Raises NoKeyring, NotUnattended when it has none for this practice, and
    BadInput for what is no key."""
    place = _keyring()
    try:
        found = place.get_password(SERVICE, account(folder))
    except _refusals() as error:
        raise NoKeyring(reason="it gave nothing; it may be locked") from error
    if found is None:
        raise NotUnattended
    try:
        key = bytes.fromhex(found)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(what="What the keyring holds is no key.", remedy="Try: confrere daemon unattended on")
    return key


def forget(folder: Path) -> bool:
    """Take the key out of the keyring; whether it was there. Raises NoKeyring."""
    place = _keyring()
    try:
        if place.get_password(SERVICE, account(folder)) is None:
            return False
        place.delete_password(SERVICE, account(folder))
    except _refusals() as error:
        raise NoKeyring(reason="it gave nothing up; it may be locked") from error
    return True


def unit_name(folder: Path) -> str:
    """The name of the systemd user service of this practice: a user may have several practices."""
    return f"confrere-{account(folder)[:8]}.service"


def unit(folder: Path) -> str:
    """The systemd user service that runs the daemon of this practice, as text (systemd.service(5))."""
    template = resources.files("sync.post_office").joinpath("confrere.service").read_text(encoding="utf-8")
    packages = _quoted(f"PYTHONPATH={Path(__file__).resolve().parents[2]}")
    # In a command line, and only there, a dollar begins a variable.
    python, where = (_quoted(word).replace("$", "$$") for word in (sys.executable, str(folder.resolve())))
    return template.format(python=python, folder=where, packages=packages)


def _quoted(word: str) -> str:
    """One word of a unit file: in quotes, with what systemd would take for an escape, a specifier or a variable made
    harmless (systemd.syntax(7), systemd.service(5) "Command lines"). Raises BadInput."""
    if any(ord(letter) < 0x20 for letter in word):
        what = "The name of a folder has a control character; no service can be made of it."
        raise BadInput(what=what, remedy="Rename the folder.")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
