"""The errors of backups and of restoring them.

ConfrereError                      70
├── BadInput > NotFound
│   └── NoBackup                    5
├── Busy
│   └── BackupUnderWay              6
├── DiskFull
│   └── NoRoomForBackup             6
└── DamagedStore
    ├── DamagedBackup               6
    └── BackupFailed                6
"""

from localstore.errors import Busy, DamagedStore, DiskFull, NotFound


class DamagedBackup(DamagedStore):
    """A backup that is not what its manifest says, or has no good manifest."""

    sentence = (
        "The backup {folder} is damaged: {file}: {seen}. Nothing was changed. Take another one; they are listed by: "
        "confrere backup list"
    )


class BackupFailed(DamagedStore):
    """A backup that was just made, and does not hold what it should."""

    sentence = (
        "The new backup is not good: {file}: {seen}. It was removed; earlier backups are as they were. Try another "
        "place with --to, and check this practice with: confrere verify"
    )


class NoBackup(NotFound):
    """A folder in which a backup was expected."""

    sentence = (
        "There is no good backup in {folder}. Nothing was changed. Name the folder of a backup, or a folder of backups."
    )


class NoRoomForBackup(DiskFull):
    """No room is left for a backup."""

    sentence = (
        "There is no room for a backup in {folder}. Nothing half-made was left there; earlier backups are as they "
        "were. Make room, or name another place with --to."
    )


class BackupUnderWay(Busy):
    """Another process makes or restores a backup in the same place."""

    sentence = (
        "Another backup or restoration is under way in {folder}. This one was not begun; nothing was changed. "
        "Try again when it has ended."
    )
