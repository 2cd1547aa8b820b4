"""The table of a terminal, and the lines of a pipe."""

import io

import msgspec
from rich.console import Console

from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.watch.display.lines import LineDisplay
from adlrisk.watch.display.table import ShownAccount, build_table
from adlrisk.watch.display.terminal import TerminalDisplay
from adlrisk.watch.messages.message import Message, MessageKey
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.reading.observed import ObservedAccount, ObservedPosition
from adlrisk.watch.state.account_state import AccountState, MarginState, PositionState

KEY = MessageKey(venue="okx", account="desk", kind="score")


def position(symbol: str, lower: str, upper: str, **fields: object) -> PositionState:
    seen = ObservedPosition(symbol=symbol, side="long", **fields)  # type: ignore[arg-type]
    return PositionState(observed=seen, standing=Standing(lower, upper), alerts=seen.alerts)  # type: ignore[arg-type]


def message(title: str) -> Message:
    return Message(key=KEY, severity="warning", at=1_795_867_265.0, title=title)


def drawn(
    *accounts: ShownAccount, messages: tuple[Message, ...] = (), log: tuple[str, ...] = (), now: float = 100.0
) -> list[str]:
    """The lines of the table, without colours."""
    written = io.StringIO()
    Console(file=written, width=140, color_system=None).print(build_table(accounts, messages, log=log, now=now))
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_the_worst_position_comes_first_with_what_is_known_of_it() -> None:
    """State with its range, score with its range, distance, alerts in words, and the age of the reading."""
    state = AccountState(
        venue="okx",
        account="desk",
        positions=(
            position("CALM", "ok", "ok", size=3.0, score=2, score_upper=2, liquidation_distance=0.305),
            position("WORSE", "ok", "high", size=0.25, score=3, score_upper=8, alerts=("fund_drawn_down",)),
        ),
    )
    heading, first, second, *_ = drawn(ShownAccount(state=state, read_at=93.0))
    assert heading.split() == ["account", "symbol", "side", "size", "state", "score", "liquidation", "alerts", "read"]
    assert first.split("  ")[0] == "desk okx"
    assert [word for word in first.split() if word][2:] == [
        "WORSE", "long", "0.25", "ok", "to", "high", "3–8", "–", "insurance", "fund", "drawn", "down", "7", "s",
    ]  # fmt: skip
    assert second.split()[2:] == ["CALM", "long", "3", "ok", "2", "30.5", "%", "7", "s"]


def test_an_account_that_cannot_be_read_keeps_its_positions_with_their_age() -> None:
    """The reason stands above them; what could not be read beside the positions, too."""
    state = AccountState(
        venue="okx",
        account="okx",
        stale_since=1.0,
        stale_reason="no answer\nwithin 60 s",
        problems=("fills are not read here",),
        positions=(position("X", "watch", "watch"),),
    )
    lines = drawn(ShownAccount(state=state, read_at=None))
    assert "cannot be read: no answer within 60 s" in lines[1]
    assert "not read: fills are not read here" in lines[2]
    assert lines[3].split() == ["okx", "X", "long", "–", "watch", "–", "–", "–"]
    assert "no open position" in drawn(ShownAccount(state=AccountState(venue="okx", account="a"), read_at=0.0))[1]


def test_margin_accounts_and_what_is_not_seen_stand_above_the_positions() -> None:
    """How far all marks may move together; what is due; in which lists an ADL would not be seen."""
    margins = (
        MarginState(observed=ObservedAccount(name="USDT", distance=0.071, direction="fall"), distance_level=2),
        MarginState(observed=ObservedAccount(name="USDC", distance=0.0, direction=None), distance_level=4),
        MarginState(observed=ObservedAccount(name="BTC", distance=None, direction=None)),
    )
    absent = msgspec.structs.replace(position("X", "ok", "ok", liquidation_distance=0.0), is_absent=True)
    state = AccountState(
        venue="okx",
        account="okx",
        margins=margins,
        unread_fills=("fills (no answer)",),
        positions=(absent,),
    )
    _, unread, first, second, held, *_ = drawn(ShownAccount(state=state, read_at=99.0))
    assert "an ADL would not be seen: fills (no answer) cannot be read" in unread
    assert first.split() == ["okx", "account", "USDT", "all", "fall", "7.1", "%", "1", "s"]
    assert second.split() == ["okx", "account", "USDC", "due", "1", "s"]
    assert held.split() == ["okx", "X", "long", "–", "ok", "–", "due", "not", "seen", "now", "1", "s"]


def test_of_positions_in_one_state_the_nearest_to_liquidation_comes_first() -> None:
    """By the levels that are told."""
    far, near = position("FAR", "ok", "ok"), msgspec.structs.replace(position("NEAR", "ok", "ok"), distance_level=2)
    state = AccountState(venue="okx", account="okx", positions=(far, near))
    assert [line.split()[1] for line in drawn(ShownAccount(state=state, read_at=99.0))[1:3]] == ["NEAR", "FAR"]


def test_messages_and_log_stand_below_as_they_are() -> None:
    """Brackets in a title are no markup of rich's."""
    lines = drawn(messages=(message("desk: [bold]high[/bold]"),), log=("a line",))
    assert lines[-2:] == ["2026-11-28T12:01:05Z warning desk: [bold]high[/bold]", "a line"]


def test_a_terminal_shows_the_last_state_and_is_left_as_it_was() -> None:
    """It is drawn once more at the end; the cursor is there again."""
    written = io.StringIO()
    display = TerminalDisplay(Console(file=written, force_terminal=True, width=120), monotonic=lambda: 5.0)
    display.start()
    display.show_account(AccountState(venue="okx", account="desk", positions=(position("X", "high", "high"),)))
    display.show_messages([message("one")])
    display.write(b"a line of the log\n")
    display.stop()
    shown = written.getvalue()
    for text in ("desk okx", "high", "warning one", "a line of the log"):
        assert text in shown
    assert shown.endswith("\x1b[?25h")


def test_a_line_is_written_for_each_message_whatever_its_title_has() -> None:
    """Characters that cannot be encoded are written as escapes."""
    written = io.StringIO()
    display = LineDisplay(StreamOutput(written))
    display.show_messages([message("one"), message("two \udcff")])
    assert written.getvalue().splitlines() == [
        "2026-11-28T12:01:05Z warning one", "2026-11-28T12:01:05Z warning two \\udcff",
    ]  # fmt: skip
