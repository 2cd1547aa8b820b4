"""Rotation of API keys: files of keys are read again while the service runs, and what they say is put in force.

The files are read whole every second, in a thread: no time of a file system is trusted, and a link that now leads
elsewhere, as Kubernetes swaps its folders, needs no special case. What was read counts once it was the same twice in a
row, so a file that is being written, or one of several that have not all been written yet, takes no key away.

What cannot be used leaves the keys in force as they are. So does an emptied file: it must not open the service.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from adlrisk.api.limits.api_keys import ApiKeys
from adlrisk.settings import SettingsError
from adlrisk.settings.key_files import KeyFiles
from adlrisk.settings.keys import ConfiguredKey, KeySetting
from adlrisk.venues.tasks import cancel_tasks

POLL_SECONDS: Final = 1.0

_Keys = tuple[ConfiguredKey, ...]


class _Unusable(NamedTuple):
    """What the files hold that cannot be used."""

    why: str
    content: str  # what tells it from other content: whoever has mended a file wrongly is to learn it


class KeysReplaced(NamedTuple):
    """Other keys are in force from now on."""

    added: _Keys
    removed: _Keys


class KeysUnusable(NamedTuple):
    """What the files say now cannot be used; the keys in force stay."""

    why: str


class KeysUsable(NamedTuple):
    """The files say again what is in force."""


KeyEvent = KeysReplaced | KeysUnusable | KeysUsable


class KeyRotation:
    """Keeps the keys in force what the files say."""

    def __init__(
        self,
        files: KeyFiles,
        api_keys: ApiKeys,
        *,
        fixed: Mapping[KeySetting, str],
        on_event: Callable[[KeyEvent], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``fixed`` are the settings of keys that are not in files."""
        self._files = files
        self._api_keys = api_keys
        self._fixed = fixed
        self._on_event = on_event
        self._clock = clock
        self._last: _Keys | _Unusable = api_keys.configured  # what was read last
        self._settled: _Keys | _Unusable = self._last  # what was read twice in a row last
        self._agreed_at = clock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def staleness_seconds(self) -> float:
        """Time since the files last said what is in force; 0 if there are none."""
        return self._clock() - self._agreed_at if self._files else 0.0

    async def start(self) -> None:
        """Start reading the files again; not without any."""
        if self._files:
            self._tasks = [asyncio.create_task(self._poll_loop())]

    async def close(self) -> None:
        """Stop reading."""
        await cancel_tasks(self._tasks)

    async def poll(self) -> None:
        """Read the files once, and put in force what they say if it is what they said the last time."""
        read = await asyncio.to_thread(self._read)
        is_settled, self._last = read == self._last, read
        if read == self._api_keys.configured:
            self._agreed_at = self._clock()
        if is_settled and read != self._settled:
            self._settled = read
            self._take_over(read)

    async def _poll_loop(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.poll()

    def _read(self) -> _Keys | _Unusable:
        try:
            return self._files.read(self._fixed)
        except SettingsError as error:
            return _Unusable(str(error), self._files.identify())
        except Exception as error:  # noqa: BLE001 (whatever it is: the next reading must come)
            return _Unusable(f"{self._files.variables}: {type(error).__name__}", "")

    def _take_over(self, read: _Keys | _Unusable) -> None:
        if isinstance(read, _Unusable):
            self._on_event(KeysUnusable(read.why))
            return
        before = self._api_keys.configured
        if read == before:  # after something that could not be used
            self._on_event(KeysUsable())
            return
        self._api_keys.replace(read)
        self._agreed_at = self._clock()
        added = tuple(key for key in read if key not in before)
        self._on_event(KeysReplaced(added, tuple(key for key in before if key not in read)))
