"""A service whose clock is the stage's, and scenes."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.running import WRITABLE, RunningServer
from support.watch.scene import Scene, StageClock


@pytest.fixture(scope="module")
def clock() -> StageClock:
    return StageClock()


@pytest.fixture(scope="module")
def service(clock: StageClock) -> Iterator[RunningServer]:
    """A service that takes market records."""
    with RunningServer(WRITABLE, log=io.StringIO(), clock=clock) as server:
        yield server


@pytest.fixture
def scene(clock: StageClock, service: RunningServer, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, clock, service, tmp_path / "watch.json")
    clock.stage = None
