"""What the gateway hands to the screens about files: values and words, nothing of the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileLook:
    """A file before it is added. `about` says whose a DICOM file says that it is; `differs` is, for each trait in which
    it differs from the patient, the trait and a sentence."""

    name: str
    size: int
    about: str = ""
    differs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture for a terminal: three bytes for each pixel, two rows of pixels in each line."""

    width: int
    height: int
    pixels: bytes

    def pixel(self, column: int, row: int) -> tuple[int, int, int]:
        """Red, green and blue of one pixel."""
        at = 3 * (row * self.width + column)
        return self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]


@dataclass(frozen=True, slots=True)
class FileShown:
    """What a terminal shows of a file: words, or a picture; neither where another program is needed."""

    text: str = ""
    is_cut: bool = False
    picture: FilePicture | None = None
    differs: tuple[str, ...] = ()
