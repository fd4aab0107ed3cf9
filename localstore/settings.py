"""`practice.toml`: settings that are no secret. An unknown key is an error, because a mistyped one would be silence."""

from pathlib import Path
from typing import Annotated

import msgspec

from localstore import paths
from localstore.errors import BadInput

MIN_RETENTION_YEARS, MAX_RETENTION_YEARS = 3, 200  # localstore.retention says why 3; nobody outlives 200
MAX_SETTINGS_BYTES = 64 * 1024  # a page of settings; anything larger is not ours


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the daemon meets others. `interfaces` are those to listen and announce on, each by an address of it or by
    the system's name for it; none means all."""

    interfaces: tuple[str, ...] = ()
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0  # 0: a random one at each start
    discovery: bool = True


class Backup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where backups go besides the practice's own folder: a folder on a stick or another disk. Empty: nowhere."""

    folder: str = ""


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the lines of the history are kept at least (localstore.retention)."""

    retention_years: Annotated[int, msgspec.Meta(ge=MIN_RETENTION_YEARS, le=MAX_RETENTION_YEARS)] = 20


class Documents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens a document that a terminal cannot show: a program, with its options. Empty: what the system says."""

    viewer: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a practice."""

    network: Network = Network()
    backup: Backup = Backup()
    history: History = History()
    documents: Documents = Documents()
    auto_lock_minutes: int = 5
    language: str = ""  # "fr", "en", or empty for the user's locale


def read(folder: Path) -> Settings:
    """The settings of the practice in `folder`; the defaults where there is no file. Raises BadInput."""
    path = paths.settings(folder)
    try:
        if path.stat().st_size > MAX_SETTINGS_BYTES:
            raise BadInput(what="practice.toml is too large.", remedy="Correct the file.")
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            what="practice.toml cannot be read: {error}.", error=error, remedy="Correct the file."
        ) from error


def write(folder: Path, settings: Settings) -> None:
    """Save the settings."""
    network = settings.network
    interfaces = ", ".join(_quoted(one) for one in network.interfaces)
    paths.write_private(
        paths.settings(folder),
        (
            f"auto_lock_minutes = {settings.auto_lock_minutes}\n"
            f'language = "{settings.language}"\n\n'
            "[network]\n"
            f"interfaces = [{interfaces}]\n"
            f"port = {network.port}\n"
            f"discovery = {str(network.discovery).lower()}\n\n"
            "[backup]\n"
            f"folder = {_quoted(settings.backup.folder)}\n\n"
            "[history]\n"
            f"retention_years = {settings.history.retention_years}\n\n"
            "[documents]\n"
            f"viewer = {_quoted(settings.documents.viewer)}\n"
        ).encode(),
    )


def _quoted(words: str) -> str:
    """A basic string of TOML: that of JSON, which leaves one control character as it is."""
    return msgspec.json.encode(words).decode("utf-8").replace("\x7f", "\\u007f")
