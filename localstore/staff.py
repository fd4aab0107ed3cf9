"""Who works in the practice: adding a user, ending his access, removing him, changing a passphrase.

A user has a wrap of his own in the keyring and a row in the record. Where both change, the order is chosen so that a
crash between leaves somebody who can still work, never somebody who is let in without the record knowing it. A new
passphrase comes with new keys: the record knows them before they are in the keyring, and ends the old ones after it.
"""

from contextlib import suppress
from dataclasses import replace

import msgspec

from localstore import crypto, founding, paths, roles, users
from localstore.clock import local_day
from localstore.database import DatabaseError, transaction
from localstore.errors import AlreadyThere, BadInput, Busy, DamagedStore, Refused, UnknownUser, WrongPassphrase
from localstore.history import Signer
from localstore.keys import keyring, passphrase
from localstore.partial_date import is_date
from localstore.practice import Practice
from localstore.users import User

DAY = 10  # characters of `YYYY-MM-DD`


def add(
    practice: Practice,
    name: str,
    role: str,
    secret: str,
    *,
    rpps: str = "",
    profession: str = "",
    until: str = "",
    memory: int = keyring.DEFAULT_MEMORY,
) -> User:
    """Add a user with his first passphrase, which he should change. Raises NotYourRole, BadInput, AlreadyThere."""
    practice.require(roles.Right.GOVERN)
    founding.check_names(name, rpps, profession)
    check_role(practice, role, until)
    if any(user.name == name.strip() for user in users.listing(practice.connection)):
        raise AlreadyThere(what="A user of this name", remedy="Add something that tells the two apart.")
    user = User(crypto.random_bytes(founding.USER_ID_BYTES).hex(), name.strip(), rpps, profession, role, until)
    keys = keyring.new_user_keys()
    require_unused(present(practice), secret)
    wrap = keyring.wrap_for_user(practice.key, practice.id, user.id, role, secret, keys=keys, memory=memory)
    _require_room(present(practice).with_wrap(wrap))
    with transaction(practice.connection):
        users.insert(practice.connection, user)
        users.add_keys(practice.connection, user.id, keys, practice.now())
        practice.log("user-added", subject=user.id, detail=f"{role} {until}".strip())
        # Inside of the transaction, and last: a user without a wrap is nobody, a wrap without a user opens nothing.
        keyring.write(practice.folder, present(practice).with_wrap(wrap))
    return user


def require_unused(ring: keyring.Keyring, secret: str) -> None:
    """Raise BadInput for a passphrase that opens a wrap already: wraps are tried in turn, so its second owner would
    work under the name and the role of the first. Costs one derivation for each wrap."""
    try:
        keyring.unlock(ring, passphrase.check(secret))
    except WrongPassphrase:
        return
    raise BadInput(what="This passphrase cannot be used in this practice.", remedy="Choose another one.")


def _require_room(ring: keyring.Keyring) -> None:
    """Raise Refused for a keyring that would be refused when it is read again."""
    if keyring.first_objection(ring):
        reason = "The keyring of this practice has no room for another user."
        raise Refused(reason=reason, remedy="Remove those who have left.")


def check_role(practice: Practice, role: str, until: str) -> None:
    """Raise BadInput for a role that there is not, a last day that is none or over, and a locum without one."""
    if role not in roles.ROLES:
        raise BadInput(what="There is no role “{role}”.", role=role, remedy="Choose doctor, locum or secretary.")
    if until and (len(until) != DAY or not is_date(until)):
        raise BadInput(what="“{date}” is not a day.", date=until, remedy="Write it as 2026-03-12.")
    if until and until < practice.today():
        raise BadInput(what="{date} is over.", date=until, remedy="Choose a later day.")
    if role == roles.LOCUM and not until:
        raise BadInput(what="The access of a locum ends on a day.", remedy="Name the day.")


def set_until(practice: Practice, user: User, until: str) -> User:
    """Change the last day of a user's access; empty for no end. Raises as `add`, and Refused for the founder."""
    practice.require(roles.Right.GOVERN)
    user = _present_user(practice, user)
    check_role(practice, user.role, until)
    if user.id == practice.founder.id and until:
        raise Refused(reason="The practice's card is in this doctor's name.", remedy="His access cannot end.")
    with transaction(practice.connection):
        users.set_until(practice.connection, user.id, until)
        practice.log("user-changed", subject=user.id, detail=until)
    return _present_user(practice, user)


def remove(practice: Practice, user: User) -> None:
    """Remove a user: his passphrase opens nothing any more in this program, from now on.

    Whoever kept a copy of the keyring and of the record still has what he could read: `keys.rotation` changes the
    record's key. Raises NotYourRole, and Refused for the founder and for oneself.
    """
    practice.require(roles.Right.GOVERN)
    if user.id == practice.founder.id:
        raise Refused(reason="The practice's card is in this doctor's name.", remedy="He cannot be removed.")
    if user.id == practice.user.id:
        raise Refused(reason="You cannot remove yourself.", remedy="Ask another doctor of the practice.")
    user = _present_user(practice, user)
    with transaction(practice.connection):
        users.mark_removed(practice.connection, user.id, practice.now())
        practice.log("user-removed", subject=user.id, detail=user.name)
    # After the commit: a removed user whose wrap is still there is refused by the record.
    _take_out(practice, {user.id})


def _take_out(practice: Practice, gone: set[str]) -> None:
    with transaction(practice.connection):  # one process at a time changes the keyring
        ring = present(practice)
        wraps = tuple(wrap for wrap in ring.wraps if wrap.user not in gone)
        if wraps != ring.wraps:
            keyring.write(practice.folder, msgspec.structs.replace(ring, wraps=wraps))


def drop_ended(practice: Practice) -> list[User]:
    """Take the wraps of those whose last day is over out of the keyring, and what a crash left of those who were
    removed; returns them. Their rows stay, so that another end can be given to them with a new passphrase.

    A day is over when the history has gone beyond it too, before this session: a clock that is wrong for one opening
    would otherwise take away for good what the right time gives back.
    """
    beyond = min(practice.today(), local_day(practice.seen)) if practice.seen else ""
    ring = present(practice)
    ended = [
        user
        for user in users.listing(practice.connection, removed=True)
        if (user.removed or (user.until and user.until < beyond)) and ring.wrap_of(user.id) is not None
    ]
    if ended:
        _take_out(practice, {user.id for user in ended})
    return ended


def change_passphrase(practice: Practice, old: str, new: str) -> Practice:
    """Change one's own passphrase, and one's keys with it: the old keyring and the old passphrase open no key that the
    record gets afterwards. The costs of the old wrap stay. Returns the practice as it goes on, under the new keys; the
    one given must not be used any more. Raises WrongPassphrase, BadInput, Busy."""
    ring = present(practice)
    opened = keyring.unlock(ring, passphrase.check(old))
    wrap = ring.wrap_of(practice.user.id)
    if opened.user != practice.user.id or wrap is None:
        raise DamagedStore(file="keyring", seen="it names another user than the one who works here")
    require_unused(ring.without(wrap.user), new)
    keys = keyring.new_user_keys()
    renewed = keyring.wrap_for_user(
        practice.key, practice.id, wrap.user, wrap.role, passphrase.check(new), keys=keys, memory=wrap.memory
    )
    with transaction(practice.connection):
        _require_same(practice, wrap.user, wrap)
        number = users.add_keys(practice.connection, wrap.user, keys, practice.now())
        practice.log("passphrase-changed", subject=wrap.user)
    _exchange(practice, wrap, renewed, number)
    return replace(practice, signer=Signer(number, crypto.signing_key(keys.seed)))


def give_passphrase(practice: Practice, user: User, secret: str, memory: int = keyring.DEFAULT_MEMORY) -> None:
    """Give another user a new passphrase, because he forgot his. He gets new keys with it: the old ones are under the
    passphrase that nobody knows. Raises NotYourRole, Refused for oneself, Busy."""
    practice.require(roles.Right.GOVERN)
    if user.id == practice.user.id:
        raise Refused(reason="This is your own passphrase.", remedy="Change it with: confrere user passphrase")
    user = _present_user(practice, user)
    keys, ring = keyring.new_user_keys(), present(practice)
    require_unused(ring.without(user.id), secret)
    before = ring.wrap_of(user.id)
    wrap = keyring.wrap_for_user(practice.key, practice.id, user.id, user.role, secret, keys=keys, memory=memory)
    _require_room(ring.with_wrap(wrap))
    with transaction(practice.connection):
        _require_same(practice, user.id, before)
        number = users.add_keys(practice.connection, user.id, keys, practice.now())
        practice.log("user-changed", subject=user.id, detail="passphrase")
    _exchange(practice, before, wrap, number)


def _require_same(practice: Practice, user: str, before: keyring.Wrap | None) -> keyring.Keyring:
    """The keyring, inside of a transaction: the passphrases took a second, and another window may have changed the
    wrap. Raises Busy."""
    now = present(practice)
    if now.wrap_of(user) != before:
        raise Busy
    return now


def _exchange(practice: Practice, before: keyring.Wrap | None, wrap: keyring.Wrap, number: int) -> None:
    """Put a wrap whose keys the record knows under this number into the keyring, and end its user's other keys. Killed
    before, the old passphrase works; killed after, the next unlocking with the new one ends the old keys."""
    with transaction(practice.connection):  # one process at a time changes the keyring; nothing else is written here
        keyring.write(practice.folder, _require_same(practice, wrap.user, before).with_wrap(wrap))
    with suppress(Busy, DatabaseError), transaction(practice.connection):
        users.end_other_keys(practice.connection, wrap.user, number, practice.now())


def present(practice: Practice) -> keyring.Keyring:
    """The keyring on the disk. Raises DamagedStore when it is not this practice's."""
    ring = keyring.read(practice.folder)
    if not isinstance(ring, keyring.Keyring) or ring.practice != practice.id:
        raise DamagedStore(file=paths.keyring(practice.folder).name, seen="it belongs to another practice")
    return ring


def _present_user(practice: Practice, user: User) -> User:
    """The user as the record has him now. Raises UnknownUser for one who was removed."""
    found = users.by_identifier(practice.connection, user.id)
    if found is None or found.removed:
        raise UnknownUser(reference=user.name)
    return found
