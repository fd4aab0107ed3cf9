"""Colleagues: this practice's card, adding theirs, comparing fingerprints, parting."""

from localstore import colleagues, crypto, incarnations, postbox, versions
from localstore.colleagues import Colleague, State
from localstore.database import transaction
from localstore.errors import AlreadyThere, BadInput
from localstore.roles import Right
from sync import card, pairing
from sync import desk as desk_room
from sync.card import Card, CardBody
from sync.desk import Desk
from sync.errors import NotACard, OtherFingerprint, OtherKey


def my_card(desk: Desk, addresses: tuple[str, ...] = ()) -> Card:
    """This practice's card as of now, in the name of the doctor who founded it, whoever works; `addresses` are
    `host:port` hints for where there is no discovery."""
    founder = desk.practice.founder
    body = CardBody(
        version=card.VERSION,
        name=founder.name,
        rpps=founder.rpps,
        profession=founder.profession,
        practice=desk.practice.name,
        town=desk.practice.town,
        signing_key=desk.signing.public,
        pairing_key=desk.pairing.public,
        sealing_key=desk.sealing[-1].public,
        transport_certificate=desk.certificate,
        addresses=addresses,
        made=desk.practice.now(),
    )
    return card.make(body, desk.signing.secret)


def add(desk: Desk, data: bytes) -> Colleague:
    """Add the colleague whose card this is, unverified; or renew the card of one already here.

    Raises NotACard, AlreadyThere (my own card), OtherKey (a known practitioner number under another key: a hard stop).
    """
    desk.practice.require(Right.TRUST)
    theirs = card.read(data)
    body = theirs.body
    if body.signing_key == desk.signing.public:
        raise AlreadyThere(what="This is this practice's own card: it", remedy="Add the card of the colleague instead.")
    with transaction(desk.record):
        known = colleagues.by_signing_key(desk.record, body.signing_key)
        if known is None:
            _refuse_other_key(desk, body)
            now = desk.practice.now()
            new = versions.new_id()
            colleagues.insert(desk.record, new, body.name, body.rpps, body.signing_key, theirs.signed, now)
            desk.practice.log("colleague-added", subject=new.hex())
        else:
            _renew(desk, known, theirs)
        found = colleagues.by_signing_key(desk.record, body.signing_key)
    assert found is not None  # noqa: S101 - just written
    return found


def _refuse_other_key(desk: Desk, body: CardBody) -> None:
    for other in colleagues.listing(desk.record):
        if body.rpps and other.rpps == body.rpps and other.signing_key != body.signing_key:
            raise OtherKey(rpps=body.rpps, name=body.name, id=other.id)


def _renew(desk: Desk, known: Colleague, theirs: Card) -> None:
    _refuse_other_key(desk, theirs.body)
    old = card.check(known.card)
    if known.state is State.REMOVED:
        colleagues.set_state(desk.record, known.num, State.RECEIVED, "")
    elif theirs.body.made < old.body.made:
        return  # an older card of the same colleague would bring back an older sealing key
    elif not _is_same_person(desk, old, theirs):
        colleagues.set_state(desk.record, known.num, State.RECEIVED, "")
        postbox.remove_peer(desk.postbox, known.id)
    colleagues.replace_card(desk.record, known.num, theirs.body.name, theirs.body.rpps, theirs.signed)
    desk.practice.log("colleague-card-renewed", subject=known.id)
    renewed = colleagues.by_number(desk.record, known.num)
    if renewed.is_verified:
        open_road(desk, renewed)  # he may have other addresses now


def _is_same_person(desk: Desk, old: Card, new: Card) -> bool:
    """Whether what was compared still holds: the keys of the fingerprint, and who the two people said that it is."""
    mine = my_card(desk)
    said = (old.body.name, old.body.rpps) == (new.body.name, new.body.rpps)
    return said and pairing.fingerprint(old, mine) == pairing.fingerprint(new, mine)


def fingerprint(desk: Desk, colleague: Colleague) -> str:
    """The 50 digits that both must read the same."""
    return pairing.fingerprint(my_card(desk), card.check(colleague.card))


def verify(desk: Desk, colleague: Colleague, typed: str, state: State = State.VERIFIED_IN_PERSON) -> Colleague:
    """Mark a colleague as verified, given the digits that he read out. Raises OtherFingerprint, BadInput."""
    if state not in colleagues.VERIFIED:
        raise BadInput(what="A fingerprint is compared in person or by phone.", remedy="Say which.")
    if not pairing.same_fingerprint(fingerprint(desk, colleague), typed):
        raise OtherFingerprint(name=colleague.name)
    with transaction(desk.record):
        colleagues.set_state(desk.record, colleague.num, state, desk.practice.now())
        desk.practice.log("colleague-verified", subject=colleague.id, detail=state.value)
        open_road(desk, colleague)  # inside: a colleague whose road cannot be opened is not verified
    return colleagues.by_number(desk.record, colleague.num)


def open_road(desk: Desk, colleague: Colleague) -> None:
    """Tell the postbox about a verified colleague, so that the daemon meets him; repeating it changes nothing."""
    theirs = card.check(colleague.card)
    try:
        secret = pairing.pair_secret(desk.pairing.secret, my_card(desk), theirs)
    except crypto.CryptoError as error:
        raise NotACard(reason="its pairing key is malformed") from error
    peer = postbox.Peer(colleague.id, theirs.body.transport_certificate, secret, theirs.body.addresses)
    postbox.put_peer(desk.postbox, peer)
    incarnations.expect(desk.postbox, colleague.id, desk_room.feed_towards(desk, colleague))


def remove(desk: Desk, colleague: Colleague) -> None:
    """Part from a colleague: nothing is sealed for him, sent to him or taken from him any more."""
    desk.practice.require(Right.TRUST)  # before the postbox, which no transaction of the record undoes
    postbox.remove_peer(desk.postbox, colleague.id)
    with transaction(desk.record):
        colleagues.set_state(desk.record, colleague.num, State.REMOVED, "")
        desk.practice.log("colleague-removed", subject=colleague.id)
