"""Colleagues: this practice's card, adding theirs, comparing fingerprints, parting."""

from localstore import colleagues, correspondence, crypto, followed, incarnations, postbox, versions
from localstore.colleagues import Colleague, State
from localstore.database import transaction
from localstore.errors import AlreadyThere, BadInput
from localstore.roles import Right
from sync.errors import (
    BadAddress,
    KeyChanged,
    KeyInDoubt,
    NotACard,
    NotVerified,
    OtherFingerprint,
    OtherKey,
    OtherThanShown,
)
from sync.premises import Desk, feed_towards
from sync.trust import card, pairing
from sync.trust.card import Card, CardBody


def my_card(desk: Desk, addresses: tuple[str, ...] = ()) -> Card:
    """This practice's card as of now, in the name of the doctor who founded it, whoever works; `addresses` are
    `host:port` hints for where there is no discovery. Raises BadAddress for one that no card may hold."""
    for address in addresses:
        if not card.may_hold_address(address):
            raise BadAddress(address=address)
    founder = desk.practice.founder
    body = CardBody(
        version=card.VERSION,
        name=card.one_line(founder.name) or card.NAMELESS,
        rpps=card.number(founder.rpps),
        profession=card.one_line(founder.profession),
        practice=card.one_line(desk.practice.name),
        town=card.one_line(desk.practice.town),
        signing_key=desk.signing.public,
        pairing_key=desk.pairing.public,
        sealing_key=desk.sealing[-1].public,
        transport_certificate=desk.certificate,
        addresses=addresses,
        made=desk.practice.now(),
    )
    return card.make(body, desk.signing.secret)


def require_verified(colleague: Colleague) -> None:
    """Raise unless what leaves may go to this colleague: KeyInDoubt, with both ways out, where his key has changed;
    else NotVerified."""
    if not colleague.is_verified:
        refusal = KeyInDoubt if colleague.state is State.KEY_CHANGED else NotVerified
        raise refusal(name=colleague.name, id=colleague.id[:8])


def add(desk: Desk, data: bytes) -> Colleague:
    """Add the colleague whose card this is, unverified; or renew the card of one already here.

    Raises NotACard, AlreadyThere (my own card), OtherKey (a card for the number of somebody else), and KeyChanged (a
    known practitioner number under another key), after that colleague's exchange was stopped.
    """
    desk.practice.require(Right.TRUST)
    theirs = card.read(data)
    body = theirs.body
    refuse_own(desk, theirs)
    with transaction(desk.record):
        known = colleagues.by_signing_key(desk.record, body.signing_key)
        other = _same_number(desk, body)
        if known is not None:
            if other is not None:
                raise OtherKey(rpps=body.rpps, name=body.name, id=other.id)
            _renew(desk, known, theirs)
        elif other is not None:
            _stop(desk, other, theirs)
        else:
            _insert(desk, theirs)
        found = colleagues.by_signing_key(desk.record, body.signing_key)
    if other is not None or found is None:
        raise KeyChanged(rpps=body.rpps, name=body.name, id=other.id if other else "")
    return found


def refuse_own(desk: Desk, theirs: Card) -> None:
    """Return unless the card is this practice's own. Raises AlreadyThere."""
    if theirs.body.signing_key == desk.signing.public:
        raise AlreadyThere(what="This is this practice's own card: it", remedy="Add the card of the colleague instead.")


def _insert(desk: Desk, theirs: Card) -> None:
    new, body = versions.new_id(), theirs.body
    colleagues.insert(desk.record, new, body.name, body.rpps, body.signing_key, theirs.signed, desk.practice.now())
    desk.practice.log("colleague-added", subject=new.hex())


def _same_number(desk: Desk, body: CardBody) -> Colleague | None:
    """The colleague who is known by the practitioner number of a card, under another key."""
    for other in colleagues.listing(desk.record):
        if body.rpps and card.number(other.rpps) == body.rpps and other.signing_key != body.signing_key:
            return other
    return None


def _stop(desk: Desk, known: Colleague, theirs: Card) -> None:
    """A colleague's key has changed, or somebody says so: nothing is sealed for him, nothing from him is believed, and
    his road is closed."""
    former = known.former if known.state is State.KEY_CHANGED else known.state.value
    if known.pending != theirs.signed:
        colleagues.stop(desk.record, known.num, former, theirs.signed)
        desk.practice.log("colleague-key-changed", subject=known.id)
    postbox.remove_peer(desk.postbox, known.id)


def keep_key(desk: Desk, colleague: Colleague) -> Colleague:
    """The new key was not his: all is as it was before that card came. Without a pending card nothing changes."""
    desk.practice.require(Right.TRUST)
    if colleague.state is not State.KEY_CHANGED:
        return colleague
    with transaction(desk.record):
        colleagues.set_state(desk.record, colleague.num, State(colleague.former), colleague.verified)
        desk.practice.log("colleague-key-kept", subject=colleague.id)
        kept = colleagues.by_number(desk.record, colleague.num)
        if kept.is_verified:
            open_road(desk, kept)
    return kept


def _renew(desk: Desk, known: Colleague, theirs: Card) -> None:
    old = card.kept(known.card)
    if known.state is State.REMOVED:
        colleagues.set_state(desk.record, known.num, State.RECEIVED, "")
    elif theirs.body.made < old.body.made:
        return  # an older card of the same colleague would bring back an older sealing key
    elif not _is_same_person(desk, old, theirs):
        _compare_again(desk, known)
    replace_card(desk, known, theirs)
    desk.practice.log("colleague-card-renewed", subject=known.id)
    renewed = colleagues.by_number(desk.record, known.num)
    if renewed.is_verified:
        open_road(desk, renewed)  # he may have other addresses now


def replace_card(desk: Desk, known: Colleague, theirs: Card) -> None:
    """Keep a newer card under the same practitioner key. One without addresses says nothing of those that were known:
    they are kept for `open_road`."""
    colleagues.replace_card(desk.record, known.num, theirs.body.name, theirs.body.rpps, theirs.signed)
    _keep_addresses(desk, known)


def _keep_addresses(desk: Desk, known: Colleague) -> None:
    former = card.stored(known.card).addresses
    if former:
        colleagues.keep_addresses(desk.record, known.num, former)


def _compare_again(desk: Desk, known: Colleague) -> None:
    """What was compared is no longer what the card says. Where his key has changed, that still has to be decided."""
    if known.state is State.KEY_CHANGED:
        colleagues.stop(desk.record, known.num, State.RECEIVED.value, known.pending)
    else:
        colleagues.set_state(desk.record, known.num, State.RECEIVED, "")
    postbox.remove_peer(desk.postbox, known.id)


def _is_same_person(desk: Desk, old: Card, new: Card) -> bool:
    """Whether what was compared still holds: the keys of the fingerprint, and who the two people said that it is."""
    mine = my_card(desk)
    return card.who(old.body) == card.who(new.body) and pairing.fingerprint(old, mine) == pairing.fingerprint(new, mine)


def fingerprint(desk: Desk, colleague: Colleague) -> str:
    """The 50 digits that both must read the same; where his key has changed, those of the new one."""
    return pairing.fingerprint(my_card(desk), _in_question(colleague))


def _in_question(colleague: Colleague) -> Card:
    """The card that a comparison is about."""
    return card.kept(colleague.pending or colleague.card)


def verify(desk: Desk, colleague: Colleague, typed: str, state: State = State.VERIFIED_IN_PERSON) -> Colleague:
    """Mark a colleague as verified, given the digits that he read out; where his key has changed, under the new one.

    Raises OtherFingerprint, BadInput.
    """
    if not pairing.same_fingerprint(fingerprint(desk, colleague), typed):
        raise OtherFingerprint(name=colleague.name)
    return _compared(desk, colleague, _in_question(colleague), state)


def known_by(desk: Desk, theirs: Card) -> Colleague | None:
    """The colleague whom a card that is being compared is about, by its key or by its practitioner number. Under
    another key, comparing it would re-key him.

    Raises AlreadyThere (my own card), OtherKey when its key is one colleague's and its number another's.
    """
    refuse_own(desk, theirs)
    body = theirs.body
    known, other = colleagues.by_signing_key(desk.record, body.signing_key), _same_number(desk, body)
    if known is not None and other is not None:
        raise OtherKey(rpps=body.rpps, name=body.name, id=other.id)
    return known or other


def meet(desk: Desk, theirs: Card, state: State, shown: Colleague | None) -> Colleague:
    """Keep the colleague with whom a live pairing was confirmed on both sides: new, known, or under another key.

    `shown` is what `known_by` gave when the doctor was asked: he said yes to that, and to nothing else.

    Raises AlreadyThere, OtherKey, OtherThanShown, BadInput, NotACard; then nothing was kept.
    """
    desk.practice.require(Right.TRUST)
    with transaction(desk.record):
        known = known_by(desk, theirs)
        if _key_of(known) != _key_of(shown):
            raise OtherThanShown(name=theirs.body.name)
        if known is None:
            _insert(desk, theirs)
            known = colleagues.by_signing_key(desk.record, theirs.body.signing_key)
        elif known.signing_key == theirs.body.signing_key:
            replace_card(desk, known, theirs)
        assert known is not None  # noqa: S101 - just written
        return _compared(desk, known, theirs, state)


def _key_of(colleague: Colleague | None) -> tuple[str, bytes] | None:
    return (colleague.id, colleague.signing_key) if colleague is not None else None


def _compared(desk: Desk, colleague: Colleague, theirs: Card, state: State) -> Colleague:
    """This card was compared with the colleague; the road towards him is opened."""
    if state not in colleagues.VERIFIED:
        raise BadInput(what="A fingerprint is compared in person or by phone.", remedy="Say which.")
    desk.practice.require(Right.TRUST)  # before the postbox, which no transaction of the record undoes
    with transaction(desk.record):
        if theirs.body.signing_key != colleague.signing_key:
            _rekey(desk, colleague, theirs)
        colleagues.set_state(desk.record, colleague.num, state, desk.practice.now())
        desk.practice.log("colleague-verified", subject=colleague.id, detail=state.value)
        compared = colleagues.by_number(desk.record, colleague.num)
        open_road(desk, compared)  # inside: a colleague whose road cannot be opened is not verified
    return compared


def _rekey(desk: Desk, colleague: Colleague, theirs: Card) -> None:
    """He has another key: what was sealed for the old one and has not arrived never will. The patients' consents name
    the person, and stay."""
    body, now = theirs.body, desk.practice.now()
    feed = feed_towards(desk, colleague)
    with transaction(desk.postbox):
        incarnations.expect(desk.postbox, colleague.id, feed)
        for sent in correspondence.outgoing(desk.record):
            if sent.feed == feed:
                incarnations.remember(desk.postbox, colleague.id, feed, sent.sequence, sent.made, now)
                correspondence.mark_posted(desk.record, feed, sent.sequence)
        incarnations.retire(desk.postbox, feed, now)
    _keep_addresses(desk, colleague)
    colleagues.replace_key(desk.record, colleague.num, body.name, body.rpps, body.signing_key, theirs.signed)
    followed.repeat(desk.record, colleague.num)
    desk.practice.log("colleague-rekeyed", subject=colleague.id)


def open_road(desk: Desk, colleague: Colleague) -> None:
    """Tell the postbox about a verified colleague, so that the daemon meets him; repeating it changes nothing."""
    theirs = card.kept(colleague.card)
    try:
        secret = pairing.pair_secret(desk.pairing.secret, my_card(desk), theirs)
    except crypto.CryptoError as error:
        raise NotACard(reason="its pairing key is malformed") from error
    addresses = theirs.body.addresses or colleague.addresses
    peer = postbox.Peer(colleague.id, theirs.body.transport_certificate, secret, addresses)
    postbox.put_peer(desk.postbox, peer)
    incarnations.expect(desk.postbox, colleague.id, feed_towards(desk, colleague))


def remove(desk: Desk, colleague: Colleague) -> None:
    """Part from a colleague: nothing is sealed for him, sent to him or taken from him any more."""
    desk.practice.require(Right.TRUST)  # before the postbox, which no transaction of the record undoes
    postbox.remove_peer(desk.postbox, colleague.id)
    with transaction(desk.record):
        colleagues.set_state(desk.record, colleague.num, State.REMOVED, "")
        desk.practice.log("colleague-removed", subject=colleague.id)
