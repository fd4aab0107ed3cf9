"""What an import says of files and resources that it cannot take in as they are.

    BadInput
    ├── NotFhir
    ├── BrokenResource
    ├── KeptUnread
    ├── FileNotHere
    ├── WrongKey
    ├── DamagedArchive
    ├── TooManyFiles
    ├── ImportIncomplete
    └── NothingImported

Apart from `errors` only to keep each readable; what holds there of sentences holds here.
"""

from localstore.errors import BadInput


class NotFhir(BadInput):
    """A file that is no FHIR R4 document."""

    sentence = "{file} is not a FHIR R4 file: {reason}. Nothing of it was imported. Check the file."


class BrokenResource(BadInput):
    """One resource of an import that cannot be read. `place` says where in it, `reason` what is wrong there."""

    sentence = (
        "{place} cannot be read: {reason}. This resource was left out. Correct it in its source and import again."
    )


class KeptUnread(BadInput):
    """A resource of an import that is kept verbatim and was not understood. Told in the report, never raised."""

    sentence = (
        "{place} was kept as it came and not understood: {reason}. It is shown by its words and exported unchanged. "
        "Read it in its source."
    )


class FileNotHere(BadInput):
    """A document of an import without the file that it names. Told in the report, never raised."""

    sentence = (
        "{place} was imported without its file: the file did not come with it, or is not the one that it names. What "
        "came instead is kept as it came and exported unchanged. Ask for the file itself and import again."
    )


class WrongKey(BadInput):
    """A number of an imported resource whose check digits do not fit. Told in the report, never raised."""

    sentence = (
        "{place} has wrong check digits for a number of this kind ({kind}). It was imported as it is. Compare it with "
        "its source."
    )


class SubjectMoved(BadInput):
    """A resource that came before as another patient's. Told in the report, never raised."""

    sentence = (
        "{place} came before as another patient's, and stands in that record still. It was added to this one. Compare "
        "both: where the source corrected whose it is, mark the old one there as entered in error."
    )


class DamagedArchive(BadInput):
    """An archive, or a file in one, that cannot be unpacked to its end."""

    sentence = (
        "{file} is damaged, or packed in a way that is not read here. What could be read of the archive was imported; "
        "the rest was not. Get it again."
    )


class TooManyFiles(BadInput):
    """An archive of more files than are looked at."""

    sentence = (
        "{file} holds more than {count} files. What was found in the first {count} was imported; the rest was not "
        "looked at. Split it and import the rest."
    )


class ImportIncomplete(BadInput):
    """Some resources of an import were broken; the good ones were imported."""

    sentence = (
        "{broken} of {total} resources could not be imported; the others were. Each is named above with its place. "
        "Correct the file and import it again: nothing will be duplicated."
    )


class NothingImported(BadInput):
    """Every file or resource of an import was broken."""

    sentence = (
        "Nothing could be imported: {total} of {total} were broken. Nothing was changed. Each is named above with its "
        "place. Correct the file and try again."
    )
