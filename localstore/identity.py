"""Numbers that identify people and places in French health care: their check digits, and nothing else. Pure.

Official examples break these rules, so a wrong key is a reason to warn on import and to ask again on entry by hand,
never a reason to refuse. python-stdnum computes the keys. It is imported where it is used: importing it loads ssl and
socket for its online look-ups, which no module of pure decisions may bring along and which nothing here calls.
"""

INS_LENGTH = 15  # 13 characters of the number, 2 of the key
RPPS_LENGTH = 11
FINESS_LENGTH = 9

INS_NIR_OID = "1.2.250.1.213.1.4.8"
INS_NIA_OID = "1.2.250.1.213.1.4.9"
INS_TEST_OID = "1.2.250.1.213.1.4.10"  # numbers of the test range: never those of a person
INS_DEMO_OID = "1.2.250.1.213.1.4.11"  # numbers for demonstrations: no more than those
TEST_OIDS = frozenset({INS_TEST_OID, INS_DEMO_OID})

_CORSICA = {"2A": "1", "2B": "2"}  # the letter's rank stands for it in the FINESS key


def ins_key(number: str) -> str:
    """The 2-digit key of a 13-character INS number: 97 - (number mod 97), with 2A read as 19 and 2B as 18.

    The number has upper-case letters and no spaces. Raises ValueError when it is not 13 such characters.
    """
    from stdnum.fr import nir

    if not _is_ins_number(number):
        raise ValueError("an INS number has 13 characters: digits, with 2A or 2B as the only letters")
    key: str = nir.calc_check_digits(number)
    return key


def is_ins(text: str) -> bool:
    """Whether `text` is an INS of 15 characters with a right key. Separators and lower case are not accepted; zeros
    alone, whose key fits, are nobody's number."""
    if len(text) != INS_LENGTH or not _is_ins_number(text[:-2]) or _is_nothing(text[:-2]):
        return False
    return text[-2:] == ins_key(text[:-2])


def is_rpps(text: str) -> bool:
    """Whether `text` is a French practitioner's number: 11 digits, not all of them zeros, the last a Luhn key."""
    return len(text) == RPPS_LENGTH and _is_digits(text) and not _is_nothing(text) and _is_luhn(text)


def is_finess(text: str) -> bool:
    """Whether `text` is a FINESS number of a French health establishment: 9 characters, not all of them zeros, ending
    in a Luhn key.

    The first two are the department. For Corsica the key counts the A of 2A as 1 and the B of 2B as 2.
    """
    if len(text) != FINESS_LENGTH:
        return False
    letter = _CORSICA.get(text[:2])
    digits = text if letter is None else f"2{letter}{text[2:]}"
    return _is_digits(digits) and not _is_nothing(digits) and _is_luhn(digits)


def _is_ins_number(number: str) -> bool:
    corsican = number[5:7] in _CORSICA
    return len(number) == INS_LENGTH - 2 and _is_digits(number[:5] + number[7:] if corsican else number)


def _is_nothing(digits: str) -> bool:
    """Whether a number is zeros alone: what a form is filled with where no number is known."""
    return not digits.strip("0")


def _is_digits(text: str) -> bool:
    # str.isdigit alone says yes to superscripts and to the digits of other scripts.
    return text.isascii() and text.isdigit()


def _is_luhn(digits: str) -> bool:
    from stdnum import luhn

    valid: bool = luhn.is_valid(digits)
    return valid
