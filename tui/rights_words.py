"""The words for the states of retention and for the grounds of an erasure, by their codes. Pure."""

from tui.words.marking import message

STATES: dict[str, str] = {
    "active": message("in use"),
    "to-archive": message("to be archived"),
    "archived": message("archived"),
    "due": message("due for erasure"),
}
GROUNDS: dict[str, str] = {
    "time-over": message("its time is over"),
    "mistake": message("registered by mistake"),
    "duplicate": message("an empty duplicate"),
    "fictitious": message("a fictitious patient"),
    "unlawful": message("recorded unlawfully"),
    "legal-obligation": message("ordered by a court or an authority"),
    "patient-request": message("a justified request of the patient"),
}
