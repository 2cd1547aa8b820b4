"""What the watch counts and shows of itself."""

from typing import Any
from unittest import mock

from msgspec.structs import replace

from adlrisk.telemetry.watch_metrics import WatchMetrics
from adlrisk.watch.messages.message import Message, MessageKey
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.reading.observed import FailedReading, ObservedAccount, ObservedPosition, Reading
from adlrisk.watch.running.reporter import Reporter
from adlrisk.watch.state.account_state import AccountState, MarginState, PositionState

DESK = {"account": "desk", "venue": "okx"}


def reporter() -> tuple[Reporter, Any]:
    """A reporter of the account desk at okx with one receiver, and the values of its metrics by name and labels."""
    metrics = WatchMetrics(version="1", accounts=[("desk", "okx")], kinds=["adl", "score", "held_back"], receivers=[1])
    made = Reporter(accounts=[("okx", "desk")], metrics=metrics, logger=mock.Mock(), display=mock.Mock())
    return made, lambda name, **labels: made.registry.get_sample_value(f"adlrisk_watch_{name}", labels)


def account(*positions: tuple[Standing, float | None]) -> AccountState:
    held = [
        PositionState(
            observed=ObservedPosition(symbol=f"X{number}", side="long", liquidation_distance=distance),
            standing=standing,
        )
        for number, (standing, distance) in enumerate(positions)
    ]
    return AccountState(venue="okx", account="desk", positions=tuple(held))


def read(at: float) -> Reading:
    return Reading(account="desk", venue="okx", at=at, positions=())


def test_series_exist_from_the_start() -> None:
    """An account that was never read is stale; counters begin at zero."""
    _, value = reporter()
    assert value("stale", **DESK) == 1.0
    assert value("last_reading_timestamp_seconds", **DESK) == 0.0
    for outcome in ("ok", "failed"):
        assert value("readings_total", outcome=outcome, **DESK) == 0.0
    assert value("forced_fills_total", kind="adl", **DESK) == 0.0
    assert value("messages_total", kind="score", outcome="held_back") == 0.0
    assert value("delivery_failures_total", receiver="1") == value("undelivered_messages", receiver="1") == 0.0


def test_positions_are_counted_by_the_state_that_they_surely_have() -> None:
    """With those that may be worse, and the nearest liquidation that is known; none is no number."""
    made, value = reporter()
    positions = ((Standing("ok", "high"), 0.3), (Standing("ok", "ok"), 0.1), (Standing("high", "high"), None))
    made.reading_ended(read(7.0), account(*positions))
    assert [value("positions", state=state, **DESK) for state in ("ok", "watch", "high", "unknown")] == [2, 0, 1, 0]
    assert value("unsure_positions", **DESK) == 1.0
    assert value("nearest_liquidation_ratio", **DESK) == 0.1
    assert (value("stale", **DESK), value("last_reading_timestamp_seconds", **DESK)) == (0.0, 7.0)
    cross = MarginState(observed=ObservedAccount(name="USDT", distance=0.07, direction="fall"))
    made.reading_ended(read(7.0), replace(account(*positions), margins=(cross,)))
    assert value("nearest_liquidation_ratio", **DESK) == 0.07
    made.reading_ended(read(8.0), account((Standing("ok", "ok"), None)))
    assert value("nearest_liquidation_ratio", **DESK) is None


def test_a_failed_reading_is_stale_and_changes_no_other_figure() -> None:
    """What was last read stands, with its time."""
    made, value = reporter()
    state = account((Standing("high", "high"), 0.2))
    made.reading_ended(read(7.0), state)
    made.reading_ended(FailedReading(account="desk", venue="okx", at=9.0, reason="down"), state)
    assert (value("stale", **DESK), value("last_reading_timestamp_seconds", **DESK)) == (1.0, 7.0)
    assert value("positions", state="high", **DESK) == 1.0
    assert [value("readings_total", outcome=outcome, **DESK) for outcome in ("ok", "failed")] == [1.0, 1.0]


def test_messages_are_counted_by_kind_and_by_whether_they_went_out() -> None:
    """The one on those held back is one that went out; an ADL is counted as a fill as well."""
    made, value = reporter()

    def message(kind: Any) -> Message:
        key = MessageKey(venue="okx", account="desk", kind=kind)
        return Message(key=key, severity="notice", at=0.0, title="t")

    adl, score, held = message("adl"), message("score"), message("held_back")
    made.told([adl, score], [adl, held])
    counted = [
        value("messages_total", kind=kind, outcome=outcome)
        for kind in ("adl", "score", "held_back")
        for outcome in ("passed", "held_back")
    ]
    assert counted == [1, 0, 0, 1, 1, 0]
    assert value("forced_fills_total", kind="adl", **DESK) == 1.0
