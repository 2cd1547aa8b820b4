"""Waits of the client that are told and not waited."""

import types
from collections.abc import Iterator

import pytest
import stamina.instrumentation
import tenacity.nap
from stamina import _core
from stamina.instrumentation import RetryDetails


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have waited between its attempts, of a call after the other."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(tenacity.nap, "time", types.SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr(_core, "_smart_sleep", note)
    return waited


@pytest.fixture(autouse=True)
def told() -> Iterator[list[RetryDetails]]:
    """What the client says of each attempt that it repeats; without it stamina would log it."""
    repeated: list[RetryDetails] = []

    def note(details: RetryDetails) -> None:
        repeated.append(details)

    stamina.instrumentation.set_on_retry_hooks([note])
    yield repeated
    stamina.instrumentation.set_on_retry_hooks(None)
