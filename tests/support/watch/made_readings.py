"""Readings by hand, and what is told of a sequence of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from adlrisk.domain.scoring.band import Band
from adlrisk.watch.messages.message import Message
from adlrisk.watch.reading.observed import FailedReading, ForcedFill, ObservedPosition, Reading
from adlrisk.watch.rules.update import update
from adlrisk.watch.state.account_state import AccountState

NOON = 1_795_867_200.0  # 2026-11-28 12:00 UTC
EVERY = 30.0  # seconds
NEW = AccountState(venue="binance", account="main")

Found = Reading | FailedReading


def observe(
    bands: str = "low", *, distance: float | None = None, alerts: Sequence[str] = (), **named: Any
) -> ObservedPosition:
    """A BTCUSDT long in a band, or in a range of them, such as ``low high``; ``?``: it cannot be scored."""
    lower, upper = _read_bands(bands)
    fields: dict[str, Any] = {"symbol": "BTCUSDT", "side": "long", "band": lower, "band_upper": upper}
    return ObservedPosition(**{**fields, "liquidation_distance": distance, "alerts": tuple(alerts), **named})


def force(number: int | str = 1, *, at: float = NOON, **named: Any) -> ForcedFill:
    """An ADL that took 3 contracts of the BTCUSDT long at 64000 and left 2, with no order that is too large."""
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "long",
        "kind": "adl",
        "size": 3.0,
        "price": 64_000.0,
        "left": 2.0,
    }
    return ForcedFill(**{"id": str(number), "at": at, **fields, "oversized_orders": (), **named})


def read(*positions: ObservedPosition, at: float = NOON, until: float | None = NOON, **named: Any) -> Reading:
    return Reading(account="main", venue="binance", at=at, positions=positions, fills_until=until, **named)


def fail(reason: str = "no answer within 10 s", *, at: float = NOON, **named: Any) -> FailedReading:
    return FailedReading(account="main", venue="binance", at=at, reason=reason, **named)


def follow(
    readings: Iterable[Found], *, state: AccountState = NEW, is_start: bool = False
) -> tuple[AccountState, list[tuple[Message, ...]]]:
    """The state at the end, and what was told at each reading; ``is_start``: the first is a start."""
    told = []
    for number, found in enumerate(readings):
        state, messages = update(state, found, is_start=is_start and number == 0)
        told.append(messages)
    return state, told


def titles(readings: Iterable[Found], **named: Any) -> list[list[str]]:
    """What was told at each reading, without the account's name."""
    return [
        [message.title.removeprefix("main on binance") for message in each] for each in follow(readings, **named)[1]
    ]


def _read_bands(bands: str) -> tuple[Band | None, Band | None]:
    if bands == "?":
        return None, None
    words: Any = bands.split()
    return words[0], words[-1]
