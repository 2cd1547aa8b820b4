"""The state in a file: replaced as a whole, locked while a watch runs, readable by its owner alone."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adlrisk.watch.stores.store import StoreFailedError, StoreTakenError
from adlrisk.watch.threads import CallInThread, call_in_thread

_MODE: Final = 0o600


class FileStore:
    """The state in the file ``path``; beside it are its lock and, for a moment, the next one. Satisfies ``StateStore``.

    The lock ends with the process, however that ends.
    """

    def __init__(self, path: Path, *, call_in_thread: CallInThread = call_in_thread) -> None:
        self.shown = str(path)
        self.setting = "--state"
        self._call_in_thread = call_in_thread
        self._path = path
        self._lock: int | None = None

    async def open(self) -> bytes | None:
        """Lock the file and read it."""
        return await self._call_in_thread(self._open, name="state")

    async def put(self, state: bytes) -> None:
        """Replace the file; after a power cut it is the old or the new one."""
        await self._call_in_thread(lambda: self._put(state), name="state")

    async def set_aside(self) -> str:
        """Rename the file."""
        aside = self._path.with_name(self._path.name + ".unreadable")
        with self._explained("moved"):
            self._path.replace(aside)
        return str(aside)

    async def hold(self) -> None:
        """Nothing to do: the lock does not expire."""

    async def close(self) -> None:
        """Unlock the file."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> bytes | None:
        with self._explained("opened"):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._path.exists() and not self._path.is_file():  # which the next state would replace
                what = "a folder" if self._path.is_dir() else "a device, socket or pipe"
                raise StoreFailedError(f"{self._path} is {what}; name a file to keep the state in")
            self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreTakenError(
                    f"another watch runs with the state {self._path}; give each its own with --state"
                ) from None
            return self._path.read_bytes() if self._path.exists() else None

    def _put(self, state: bytes) -> None:
        following = f"{self._path}.new"
        with self._explained("written"):
            descriptor = os.open(following, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
            with open(descriptor, "wb") as file:  # noqa: PTH123 (of a descriptor)
                file.write(state)
                file.flush()
                os.fsync(descriptor)
            os.replace(following, self._path)  # noqa: PTH105 (as all calls here)
            self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreFailedError(f"the state {self._path} cannot be {what}: {error.strerror or error}") from error
