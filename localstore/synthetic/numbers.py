"""Numbers that look right and belong to nobody: INS, RPPS, telephone, vaccine lots."""

from random import Random

from localstore import identity
from localstore.synthetic.draw import pick, whole

# Numbers that ARCEP reserves for films and books: 10,000 in each block, never given to a subscriber (national
# numbering plan, decision 2018-0881). There is none for overseas departments; mobile numbers serve there.
FICTION_BLOCKS = {"01": "01 99 00", "02": "02 61 91", "03": "03 53 01", "04": "04 65 71", "05": "05 36 49"}
FICTION_MOBILE = "06 39 98"

RPPS_TEST_PREFIX = "99700"  # the prefix of test practitioners' cards, which no real practitioner has
PRACTITIONERS = 100_000  # how many numbers there are behind that prefix
BIRTHS_A_MONTH = 990  # how many orders the register has for one commune, month and sex

_LAST_FOUR = tuple(f"{last // 100:02d} {last % 100:02d}" for last in range(10_000))
_LOT_LETTERS = "ABCDEFGHKLMNPRSTVWX"


def ins(number: str) -> str:
    """The 13 characters with their key."""
    return number + identity.ins_key(number)


def rpps(order: int) -> str:
    """The practitioner's number of this order, from 0 to PRACTITIONERS - 1, with its Luhn key."""
    body = f"{RPPS_TEST_PREFIX}{order % PRACTITIONERS:05d}"
    return next(number for key in "0123456789" if identity.is_rpps(number := body + key))


def phone(rng: Random, zone: str = "") -> str:
    """A land line of the zone (`01` to `05`), or a mobile for any other, e.g. `06 39 98 12 34`."""
    return f"{FICTION_BLOCKS.get(zone, FICTION_MOBILE)} {pick(rng, _LAST_FOUR)}"


def lot(rng: Random) -> str:
    """A lot as printed on a vaccine's box, e.g. `AK4R713`."""
    letters = [pick(rng, _LOT_LETTERS) for _ in range(3)]
    return f"{letters[0]}{letters[1]}{whole(rng, 1, 9)}{letters[2]}{whole(rng, 100, 999)}"
