"""The one thread that holds the daemon's connection to the postbox.

A commit waits for the disk, and another process may hold the write lock; the network must not wait for either. One
thread, so that what a session asks for happens in the order in which it asked.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from localstore.database import Connection

P = ParamSpec("P")
T = TypeVar("T")


class PostboxWorker:
    """Runs functions over the postbox, one after the other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postbox")

    async def do(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(connection, *args, **kwargs)`, in the thread. Raises what it raises. Once begun, it is finished
        even when the caller is cancelled."""
        call = partial(function, self._connection, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def close(self) -> None:
        """Finish what was asked for, and close the postbox."""
        self._thread.shutdown(wait=True)
        self._connection.close()
