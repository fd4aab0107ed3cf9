"""What a medicine meets in the record: an allergy, or the same medicine twice. Pure.

The level of ATC that counts as "the same group" is the 4th, the chemical subgroup: what is reacted to is a structure,
and the 3rd level joins what only has a purpose in common (J01C apart, whose subgroups share the nucleus of penicillin:
that one is a family of `substances`). An allergy that is itself coded at a higher level means the group that it names.
Source of the levels: WHO Collaborating Centre for Drug Statistics Methodology, "ATC: structure and principles".
"""

from collections.abc import Iterable, Iterator

from localstore.bodies import AllergyBody
from localstore.model import Entry
from localstore.safety import chart
from localstore.safety.cautions import Caution, Severity
from localstore.safety.naming import ATC_SUBGROUP, ATC_SUBSTANCE, Named, named, same_name
from localstore.safety.substances import PURPOSE_ONLY
from localstore.values import Concept

RECORDED = "Dossier du patient; HAS, référentiel de certification des logiciels d'aide à la prescription, 2021"
TAKEN_TOGETHER = frozenset({"betalactams", "diuretics", "insulins"})  # families of which two are no duplicate
_KINSHIP = "Khan et al., J Allergy Clin Immunol 2022;150:1333-1393 (side chains; cross-reaction under 2 % otherwise)"


def allergy_cautions(entries: Iterable[Entry], medicine: Concept) -> Iterator[Caution]:
    """The recorded allergies that a medicine meets, each with its reaction. Refuted and resolved ones do not count."""
    given = named(medicine)
    for _, body in chart.allergies(entries):
        found = meeting(body, given)
        if found is not None:
            yield found


def meeting(body: AllergyBody, given: Named) -> Caution | None:
    """What there is to say of one allergy and what is to be given; None where nothing is."""
    known = named(body.substance)
    details = {"substance": body.substance.label, "reaction": reaction(body) or "?"}
    if _is_same(known, given):
        return Caution(
            "allergy",
            "The patient is allergic to it: {substance} (reaction: {reaction}).",
            Severity.DANGER,
            RECORDED,
            details,
        )
    if _is_in_group(known, given):
        return Caution(
            "allergy-group",
            "The patient is allergic to something of the same group: {substance} (reaction: {reaction}).",
            Severity.DANGER,
            RECORDED,
            details,
        )
    if _are_kin(known, given):
        return Caution(
            "allergy-related",
            (
                "The patient is allergic to {substance} (reaction: {reaction}), a related family. A cross-reaction is "
                "uncommon, but not with similar side chains."
            ),
            Severity.DOUBT,
            _KINSHIP,
            details,
        )
    return None


def reaction(body: AllergyBody) -> str:
    """What the allergy does, in the words of the record."""
    said = [body.reaction, *(one.label for one in body.manifestations)]
    return ", ".join(dict.fromkeys(one for one in said if one))


def _is_same(known: Named, given: Named) -> bool:
    """The same substance: by code, by a name that is known here, or by the words of the name.

    One telling word in common is enough where neither name is known here: asking once too often is the safe side."""
    if known.codes & given.codes or known.substances & given.substances or same_name(known, given):
        return True
    if any(len(code) == ATC_SUBSTANCE for code in known.atc & given.atc):
        return True
    return not (known.substances and given.substances) and bool(known.telling & given.telling)


def _is_in_group(known: Named, given: Named) -> bool:
    for code in known.atc:
        if any(other.startswith(code[:ATC_SUBGROUP]) for other in given.atc if len(other) >= ATC_SUBGROUP):
            return True
    if known.families & (given.members | given.families):
        return True
    return bool((known.members & (given.members | given.families)) - PURPOSE_ONLY)


def _are_kin(known: Named, given: Named) -> bool:
    """Penicillins and cephalosporins, either way round."""
    rings = ({"penicillins"}, {"cephalosporins"})
    of_known, of_given = (one.members | one.families for one in (known, given))
    return any(of_known & one and of_given & other for one, other in (rings, rings[::-1]))


def duplicate_cautions(entries: Iterable[Entry], medicine: Concept, today: str) -> Iterator[Caution]:
    """The medicines taken already that are the same substance; or, as a notice, of the same chemical subgroup."""
    given = named(medicine)
    for _, body in chart.medications(entries, today):
        known = named(body.medicine)
        details = {"medicine": body.medicine.label}
        if _is_twice(known, given):
            yield Caution("duplicate", "The patient takes it already: {medicine}.", Severity.DANGER, RECORDED, details)
        elif _is_alike(known, given):
            yield Caution(
                "duplicate-group",
                "The patient takes a medicine of the same group: {medicine}.",
                Severity.NOTICE,
                RECORDED,
                details,
            )


def _is_twice(known: Named, given: Named) -> bool:
    if known.codes & given.codes or known.substances & given.substances:
        return True
    return not (known.substances and given.substances) and same_name(known, given)


def _is_alike(known: Named, given: Named) -> bool:
    groups, others = ({code[:ATC_SUBGROUP] for code in one.atc if len(code) >= ATC_SUBGROUP} for one in (known, given))
    return bool(groups & others or (known.members & given.members) - TAKEN_TOGETHER)


def allergies_of_taken(entries: Iterable[Entry], new: AllergyBody, today: str) -> Iterator[Caution]:
    """The other way round: the medicines taken now that a new allergy is about."""
    for _, body in chart.medications(entries, today):
        found = meeting(new, named(body.medicine)) if chart.holds_allergy(new) else None
        if found is not None and found.severity is Severity.DANGER:
            yield Caution(
                "allergy-taken",
                "The patient takes a medicine that this allergy is about: {medicine}.",
                Severity.DOUBT,
                RECORDED,
                {"medicine": body.medicine.label},
            )
