"""Who works in the practice: adding a user, ending his access, removing him, changing a passphrase.

A user has a wrap of his own in the keyring and a row in the record. Where both change, the order is chosen so that a
crash between leaves somebody who can still work, never somebody who is let in without the record knowing it.
"""

import msgspec

from localstore import crypto, founding, paths, roles, users
from localstore.database import transaction
from localstore.errors import AlreadyThere, BadInput, DamagedStore, Refused
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
    _check_role(practice, role, until)
    if any(user.name == name.strip() for user in users.listing(practice.connection)):
        raise AlreadyThere(what="A user of this name", remedy="Add something that tells the two apart.")
    user = User(crypto.random_bytes(founding.USER_ID_BYTES).hex(), name.strip(), rpps, profession, role, until)
    keys = keyring.new_user_keys()
    secret = passphrase.check(secret)
    wrap = keyring.wrap_for_user(practice.key, practice.id, user.id, role, secret, keys=keys, memory=memory)
    with transaction(practice.connection):
        users.insert(practice.connection, user)
        users.add_keys(practice.connection, user.id, keys.signing_public, keys.sealing.public, practice.now())
        practice.log("user-added", subject=user.id, detail=f"{role} {until}".strip())
        # Inside of the transaction, and last: a user without a wrap is nobody, a wrap without a user opens nothing.
        keyring.write(practice.folder, present(practice).with_wrap(wrap))
    return user


def _check_role(practice: Practice, role: str, until: str) -> None:
    if role not in roles.ROLES:
        raise BadInput(what="There is no role “{role}”.", role=role, remedy="Choose doctor, locum or secretary.")
    if until and (len(until) != DAY or not is_date(until)):
        raise BadInput(what="“{date}” is not a day.", date=until, remedy="Write it as 2026-03-12.")
    if until and until < practice.today():
        raise BadInput(what="{date} is over.", date=until, remedy="Choose a later day.")
    if role == roles.LOCUM and not until:
        raise BadInput(what="The access of a locum ends on a day.", remedy="Give it with --until.")


def set_until(practice: Practice, user: User, until: str) -> User:
    """Change the last day of a user's access; empty for no end. Raises as `add`, and Refused for the founder."""
    practice.require(roles.Right.GOVERN)
    _check_role(practice, user.role, until)
    if user.id == practice.founder.id and until:
        raise Refused(reason="The practice's card is in this doctor's name.", remedy="His access cannot end.")
    with transaction(practice.connection):
        users.set_until(practice.connection, user.id, until)
        practice.log("user-changed", subject=user.id, detail=until)
    return _known(practice, user.id)


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
    with transaction(practice.connection):
        users.mark_removed(practice.connection, user.id, practice.now())
        practice.log("user-removed", subject=user.id, detail=user.name)
    # After the commit: a removed user whose wrap is still there is refused by the record.
    keyring.write(practice.folder, present(practice).without(user.id))


def drop_ended(practice: Practice) -> list[User]:
    """Take the wraps of those whose last day is over out of the keyring; returns them. Their rows stay, so that another
    end can be given to them with a new passphrase."""
    ring = present(practice)
    ended = [
        user
        for user in users.listing(practice.connection)
        if user.until and user.until < practice.today() and ring.wrap_of(user.id) is not None
    ]
    for user in ended:
        ring = ring.without(user.id)
    if ended:
        keyring.write(practice.folder, ring)
    return ended


def change_passphrase(practice: Practice, old: str, new: str) -> None:
    """Change one's own passphrase. The costs of the old wrap stay. Raises WrongPassphrase, BadInput."""
    ring = present(practice)
    opened = keyring.unlock(ring, passphrase.check(old))
    wrap = ring.wrap_of(practice.user.id)
    if opened.user != practice.user.id or wrap is None:
        raise DamagedStore(file="keyring", seen="it names another user than the one who works here")
    renewed = keyring.wrap_for_user(
        practice.key, practice.id, wrap.user, wrap.role, passphrase.check(new), keys=opened.keys, memory=wrap.memory
    )
    keyring.write(practice.folder, ring.with_wrap(msgspec.structs.replace(renewed, next=wrap.next)))
    with transaction(practice.connection):
        practice.log("passphrase-changed", subject=practice.user.id)


def give_passphrase(practice: Practice, user: User, secret: str, memory: int = keyring.DEFAULT_MEMORY) -> None:
    """Give another user a new passphrase, because he forgot his. He gets new keys with it: the old ones are under the
    passphrase that nobody knows. Raises NotYourRole, Refused for oneself."""
    practice.require(roles.Right.GOVERN)
    if user.id == practice.user.id:
        raise Refused(reason="This is your own passphrase.", remedy="Change it with: confrere user passphrase")
    keys = keyring.new_user_keys()
    secret = passphrase.check(secret)
    wrap = keyring.wrap_for_user(practice.key, practice.id, user.id, user.role, secret, keys=keys, memory=memory)
    with transaction(practice.connection):
        now = practice.now()
        users.end_keys(practice.connection, user.id, now)
        users.add_keys(practice.connection, user.id, keys.signing_public, keys.sealing.public, now)
        practice.log("user-changed", subject=user.id, detail="passphrase")
        keyring.write(practice.folder, present(practice).with_wrap(wrap))


def present(practice: Practice) -> keyring.Keyring:
    """The keyring on the disk. Raises DamagedStore when it is not this practice's."""
    ring = keyring.read(practice.folder)
    if not isinstance(ring, keyring.Keyring) or ring.practice != practice.id:
        raise DamagedStore(file=paths.keyring(practice.folder).name, seen="it belongs to another practice")
    return ring


def _known(practice: Practice, identifier: str) -> User:
    found = users.by_identifier(practice.connection, identifier)
    assert found is not None  # noqa: S101 - it was just changed
    return found
