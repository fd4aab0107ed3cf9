"""What the screens ask about files in records: looking at one, adding, showing, opening outside, saving."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from localstore import record, settings
from localstore.bodies import DocumentBody
from localstore.documents import adding, launching, memory, viewing
from localstore.documents.memory import MemoryFolder
from localstore.errors import BadInput
from localstore.kinds import Sensitivity
from localstore.model import Entry
from tui.gateways import file_words as words_of
from tui.gateways.base import OpenGateway, told
from tui.values_documents import FileLook, FilePicture, FileShown

Progress = Callable[[int, int], None]


class DocumentsGateway(OpenGateway):
    """Files in the records of an open practice. Every method raises ConfrereError."""

    _files: MemoryFolder | None = None

    async def look_at_file(self, patient: str, typed: str) -> FileLook:
        """What a file is, and for DICOM whose it says that it is. Raises BadInput for a form that is not kept."""

        def look() -> FileLook:
            found = adding.look(_path(typed), record.chart(self._desk.practice, patient).patient)
            differs = tuple((one.trait, words_of.mismatch(one)) for one in found.mismatches)
            about = words_of.header(found.header) if found.header else ""
            return FileLook(found.name, found.size, about, differs)

        return await self._ask(look)

    async def add_file(
        self,
        patient: str,
        typed: str,
        body: DocumentBody,
        date: str,
        restricted: bool,
        despite: Sequence[str],
        progress: Progress,
    ) -> Entry:
        """Keep a file with its entry; `progress` is told bytes done and bytes in all, in the screens' thread."""
        loop = asyncio.get_running_loop()
        sensitivity = Sensitivity.RESTRICTED if restricted else Sensitivity.NORMAL

        def tell(done: int, total: int) -> None:
            loop.call_soon_threadsafe(progress, done, total)

        def add() -> Entry:
            here = self._desk.practice
            return adding.add(here, patient, _path(typed), body, date, sensitivity, despite=despite, progress=tell)

        return await self._ask(add)

    async def show_file(self, version: str, columns: int, rows: int) -> FileShown:
        """What a terminal of this size can show of a file; that it was read goes into the history."""

        def look() -> FileShown:
            found = viewing.show(self._desk.practice, version, columns, rows)
            picture = FilePicture(*found.picture) if found.picture else None
            return FileShown(found.text, found.is_cut, picture, tuple(map(words_of.mismatch, found.mismatches)))

        return await self._ask(look)

    async def open_file(self, version: str) -> str:
        """Put a file into memory and start the program that shows it; where it lies until the lock. Raises Refused
        where there is no place in memory."""

        def put() -> tuple[MemoryFolder, Path, str]:
            if self._files is None:
                self._files = MemoryFolder.make(memory.in_memory(os.environ))
            viewer = settings.read(self._desk.practice.folder).documents.viewer
            return self._files, viewing.into_memory(self._desk.practice, version, self._files), viewer

        files, path, viewer = await self._ask(put)
        try:
            await asyncio.to_thread(told, lambda: launching.launch(viewer, path))
        except BaseException:  # nobody shows it: then it does not lie there until the lock
            files.remove(path)
            raise
        return str(path)

    async def save_file(self, version: str, typed: str) -> str:
        """Write a file where the doctor says, unencrypted; its name. Raises AlreadyThere."""

        def write() -> str:
            path = _path(typed)
            viewing.save(self._desk.practice, version, path)
            return str(path)

        return await self._ask(write)

    def forget_files(self) -> None:
        """Remove what was opened in other programs from memory: at the lock, and at the end."""
        files, self._files = self._files, None
        if files is not None:
            files.close()


def forget_left() -> int:
    """Remove what a killed process left in memory; how many folders."""
    return memory.sweep(memory.in_memory(os.environ))


def _path(typed: str) -> Path:
    if not typed.strip():
        raise BadInput(what="No file or folder was named.", remedy="Type its name.")
    return Path(typed.strip()).expanduser()
