"""What the screens ask about the users of the practice: who they are, until when, their passphrases, the record's key.

Apart from `gateway` only to keep each readable. What holds there holds here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from localstore import history, paths, practice, staff, users
from localstore.keys import keyring, rotation
from localstore.practice import Practice
from localstore.roles import Right, may
from localstore.users import User
from sync import desk as desk_room
from sync.desk import Desk
from tui import values
from tui.gateways.base import OpenGateway

Progress = Callable[[int, int], None]


def open_desk(folder: Path, secret: str) -> tuple[Desk, tuple[values.UserLine, ...]]:
    """The desk of a practice; and those whose last day is over, where a doctor opens it: their passphrases are dropped.

    Raises as `practice.unlock`; what was opened is closed then.
    """
    here = practice.unlock(folder, secret)
    try:
        ended = staff.drop_ended(here) if may(here.user.role, Right.GOVERN) else []
        return desk_room.establish(here), tuple(_line(one, {}) for one in ended)
    except BaseException:
        here.close()
        raise


def _line(user: User, seen: dict[str, str]) -> values.UserLine:
    return values.UserLine(
        id=user.id,
        name=user.name,
        role=user.role,
        rpps=user.rpps,
        profession=user.profession,
        until=user.until,
        removed=user.removed,
        last_seen=seen.get(user.id, ""),
    )


class UsersGateway(OpenGateway):
    """The users of an open practice. Every method raises ConfrereError."""

    # Whose passphrases were dropped when this practice was opened, because their last day was over.
    ended: tuple[values.UserLine, ...] = ()

    @property
    def _here(self) -> Practice:
        return self._desk.practice

    async def users(self) -> list[values.UserLine]:
        """Everybody who works here or did, by name."""

        def look() -> list[values.UserLine]:
            seen = history.last_seen(self._here.connection)
            return [_line(one, seen) for one in users.listing(self._here.connection, removed=True)]

        return await self._ask(look)

    async def add_user(self, new: values.NewUser, secret: str) -> values.UserLine:
        """Add a user with a first passphrase."""

        def add() -> values.UserLine:
            made = staff.add(
                self._here,
                new.name,
                new.role,
                secret,
                rpps=new.rpps,
                profession=new.profession,
                until=new.until,
                memory=self._cost(),
            )
            return _line(made, {})

        return await self._ask(add)

    async def set_until(self, user: str, until: str) -> bool:
        """Change the last day (ISO, or empty) of a user's access; whether his passphrase still opens the practice."""

        def change() -> bool:
            changed = staff.set_until(self._here, self._user(user), until)
            return staff.present(self._here).wrap_of(changed.id) is not None

        return await self._ask(change)

    async def remove_user(self, user: str) -> None:
        """Remove a user."""
        await self._ask(lambda: staff.remove(self._here, self._user(user)))

    async def give_passphrase(self, user: str, secret: str) -> None:
        """Give another user a new passphrase."""
        await self._ask(lambda: staff.give_passphrase(self._here, self._user(user), secret, self._cost()))

    async def change_passphrase(self, old: str, new: str) -> None:
        """Change one's own passphrase."""

        def change() -> None:
            self._desk = replace(self._desk, practice=staff.change_passphrase(self._here, old, new))

        await self._ask(change)

    async def prepare_new_key(self, remove: str = "") -> None:
        """Raise unless the record's key can be changed now: another window, above all, may have it open. Then remove
        the user, where one is named. Nobody else can open the practice from then on."""

        def prepare() -> None:
            rotation.require_possible(self._here)
            try:
                if remove:
                    staff.remove(self._here, self._user(remove))
            except BaseException:
                self._here.lock.shared()
                raise

        await self._ask(prepare)

    async def change_key(self, progress: Progress) -> None:
        """Change the record's key; `progress` is told bytes copied and bytes in all, in the screens' thread. The
        practice is closed afterwards, also after an error: there is nothing left to do but to lock."""
        loop = asyncio.get_running_loop()
        total, done = await self._ask(lambda: paths.record(self._here.folder).stat().st_size), 0

        def tell(more: int) -> None:
            nonlocal done
            done += more
            loop.call_soon_threadsafe(progress, done, total)

        await self._ask(lambda: rotation.change(self._here, tell))

    def _user(self, identifier: str) -> User:
        return users.resolve(self._here.connection, identifier)

    def _cost(self) -> int:
        return keyring.cost(staff.present(self._here))
