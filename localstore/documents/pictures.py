"""Pictures as a terminal shows them: two pixels in each place, one above the other. Bounded before anything is decoded.

A hostile picture can claim any size, and decoders raise whatever they meet: both end in one sentence.
"""

import io
import struct
import warnings
import zlib
from array import array
from typing import Any, NamedTuple

from localstore.documents import dicom
from localstore.errors import BadInput, TooLarge

MAX_PIXELS = 50_000_000  # a flatbed scan of A4 at 600 dpi has 35 million; decoded, 150 MB
MAX_PICTURE_BYTES = 64 * 1024 * 1024  # of the file: it is held in memory while it is decoded
MAX_SIDE = 400  # places of a terminal, in each direction
WHITE = (255, 255, 255)
_JPEG_IN_DICOM = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
_BROKEN: tuple[type[Exception], ...] = (*dicom.BROKEN, SyntaxError, EOFError, struct.error, zlib.error, Warning)


class Picture(NamedTuple):
    """A picture made small: its width and height in pixels, an even number of rows, and three bytes for each pixel."""

    width: int
    height: int
    pixels: bytes

    def pixel(self, column: int, row: int) -> tuple[int, int, int]:
        """Red, green and blue of one pixel, 0 to 255 each."""
        at = 3 * (row * self.width + column)
        return self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]


def small(data: bytes, columns: int, rows: int) -> Picture:
    """A JPEG or PNG made to fit `columns` times `rows` places of a terminal. Raises BadInput, TooLarge."""
    from PIL import Image, ImageOps  # slow to load, and few need it

    box = _box(columns, rows)
    broken: tuple[type[Exception], ...] = (Image.DecompressionBombError, *_BROKEN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow warns of pictures that are suspiciously large
        try:
            image: Any = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
            _check_size(*image.size)
            image.draft("RGB", box)
            image = ImageOps.exif_transpose(image)
            return _fitted(image, box)
        except broken as error:
            raise _broken() from error


def small_dicom(data: bytes, columns: int, rows: int) -> Picture:
    """The first frame of a DICOM picture, where it is grey or red, green and blue, uncompressed or in JPEG. Raises
    BadInput for any other, and TooLarge."""
    if dicom.DEFLATED in data:
        raise _broken()
    with dicom.reading(_broken):
        dataset = dicom.parsed(data, with_pixels=True)
        _check_size(int(dataset.Columns), int(dataset.Rows))
        if str(dataset.file_meta.TransferSyntaxUID) in _JPEG_IN_DICOM:
            from pydicom.encaps import generate_frames

            return small(bytes(next(generate_frames(dataset.PixelData, number_of_frames=1))), columns, rows)
        return _raw_frame(dataset, _box(columns, rows))


def _box(columns: int, rows: int) -> tuple[int, int]:
    return max(1, min(columns, MAX_SIDE)), 2 * max(1, min(rows, MAX_SIDE))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise TooLarge(what="This picture", limit="{count} pixels", count=MAX_PIXELS)
    if width < 1 or height < 1:
        raise _broken()


def _broken() -> BadInput:
    return BadInput(
        what="This picture cannot be shown here.", remedy="Open it in another program, or ask for it again."
    )


def _fitted(image: Any, box: tuple[int, int]) -> Picture:
    from PIL import Image

    image = image.convert("RGBA") if image.mode in ("P", "LA", "PA", "RGBA") else image.convert("RGB")
    image.thumbnail(box)
    # An even number of rows, on white: also where the picture is transparent.
    shown = Image.new("RGB", (image.width, image.height + image.height % 2), WHITE)
    shown.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return Picture(shown.width, shown.height, shown.tobytes())


def _raw_frame(dataset: Any, box: tuple[int, int]) -> Picture:
    """Of the uncompressed pixels only those that are shown are looked at."""
    width, height, samples = int(dataset.Columns), int(dataset.Rows), int(dataset.SamplesPerPixel)
    values = _values(dataset, width * height * samples)
    scale = max(width / box[0], height / box[1], 1.0)
    columns, rows = max(1, int(width / scale)), max(1, int(height / scale))
    places = [
        min(height - 1, int(row * scale)) * width + min(width - 1, int(column * scale))
        for row in range(rows)
        for column in range(columns)
    ]
    if samples == 3:
        if int(dataset.get("PlanarConfiguration", 0)) or str(dataset.PhotometricInterpretation) != "RGB":
            raise _broken()
        pixels = bytes(values[3 * place + sample] & 255 for place in places for sample in range(3))
    else:
        greys = _greys(dataset, [values[place] for place in places])
        pixels = bytes(grey for grey in greys for _ in range(3))
    return Picture(columns, rows + rows % 2, pixels + bytes(WHITE) * columns * (rows % 2))


def _values(dataset: Any, count: int) -> "array[int] | bytes":
    """The samples of the first frame as numbers."""
    bits, data = int(dataset.BitsAllocated), dataset.PixelData
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if dataset.file_meta.TransferSyntaxUID.is_compressed or bits not in (8, 16) or len(data) < count * bits // 8:
        raise _broken()
    if bits == 8:
        return bytes(data[:count])
    values = array("h" if int(dataset.PixelRepresentation) else "H")
    values.frombytes(data[: 2 * count])
    if syntax == "1.2.840.10008.1.2.2":  # the one that is big-endian (PS3.5, A.3)
        values.byteswap()
    return values


def _greys(dataset: Any, values: list[int]) -> list[int]:
    """Each value between the ends of the window that the file asks for, or of those that occur, as 0 to 255."""
    slope, shift = float(dataset.get("RescaleSlope", 1) or 1), float(dataset.get("RescaleIntercept", 0) or 0)
    scaled = [slope * value + shift for value in values]
    low, high = _window(dataset) or (min(scaled), max(scaled))
    width = max(high - low, 1e-9)
    greys = [round(255 * min(1.0, max(0.0, (value - low) / width))) for value in scaled]
    return [255 - grey for grey in greys] if str(dataset.PhotometricInterpretation) == "MONOCHROME1" else greys


def _window(dataset: Any) -> tuple[float, float] | None:
    centre, width = dataset.get("WindowCenter"), dataset.get("WindowWidth")
    first = [float(one if isinstance(one, int | float | str) else one[0]) for one in (centre, width) if one is not None]
    if len(first) != 2 or first[1] < 1:
        return None
    return first[0] - first[1] / 2, first[0] + first[1] / 2
