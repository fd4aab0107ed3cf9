"""Finding entries of one record by the words that they are shown with. Pure."""

from localstore.folding import fold
from localstore.model import Entry
from tui import details, reading


def finds(typed: str, entry: Entry) -> bool:
    """Whether each word that was typed begins a word of the entry: of its title or of any of its fields. Accents and
    hyphens do not count; no words find every entry."""
    wanted = fold(typed).split()
    if not wanted:
        return True
    said = [reading.title(entry), reading.beside(entry), *(words for _, words in details.rows(entry))]
    there = fold(" ".join(said)).split()
    return all(any(word.startswith(one) for word in there) for one in wanted)
