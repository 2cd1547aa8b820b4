"""The table of a terminal: positions of all accounts, the worst first, and below it the last messages."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adlrisk.watch.display.lines import format_line
from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.sentences.margins import name_margin
from adlrisk.watch.messages.sentences.position_lines import name_alert
from adlrisk.watch.messages.wording import format_amount, format_share, put_in_line
from adlrisk.watch.state.account_state import AccountState, MarginState, PositionState

_HEADINGS: Final = ("account", "symbol", "side", "size", "state", "score", "liquidation", "alerts", "read")
_STYLES: Final = {"high": "bold red", "watch": "yellow", "unknown": "magenta", "ok": "green"}
_MESSAGE_STYLES: Final[dict[Severity, str]] = {
    "emergency": "bold white on red",
    "warning": "bold red",
    "notice": "yellow",
    "recovery": "green",
}
_DISTANCE_STYLES: Final = ("", "yellow", "red", "bold red", "bold white on red")  # by level, the last where it is due
_UNKNOWN: Final = "–"


class ShownAccount(Struct, frozen=True, kw_only=True):
    """An account, and when it was last read, by the monotonic clock; ``None``: not yet."""

    state: AccountState
    read_at: float | None


def build_table(
    accounts: Sequence[ShownAccount], messages: Sequence[Message], *, log: Sequence[str] = (), now: float
) -> RenderableType:
    """The table at ``now`` of the monotonic clock; ``messages`` and ``log`` are the last ones, the newest last."""
    table = Table(*_HEADINGS, box=None, header_style="bold", pad_edge=False)
    for account in accounts:
        for cells in _list_rows(account, now=now):
            table.add_row(*cells)
    lines = [Text(format_line(one), style=_MESSAGE_STYLES[one.severity], overflow="ellipsis") for one in messages]
    return Group(table, Text(), *lines, *(Text(line, style="dim", overflow="ellipsis") for line in log))


def format_age(seconds: float) -> str:
    """How long ago, in the largest unit that fits.

    >>> [format_age(seconds) for seconds in (0.4, 59.0, 125.0, 7300.0)]
    ['0 s', '59 s', '2 min', '2 h']
    """
    if seconds < 60.0:  # noqa: PLR2004 (units of time)
        return f"{seconds:.0f} s"
    return f"{seconds // 60.0:.0f} min" if seconds < 3600.0 else f"{seconds // 3600.0:.0f} h"  # noqa: PLR2004


def _list_rows(account: ShownAccount, *, now: float) -> Iterator[list[Text]]:
    state = account.state
    name = put_in_line(f"{state.account} {state.venue}" if state.account != state.venue else state.account)
    age = _UNKNOWN if account.read_at is None else format_age(max(0.0, now - account.read_at))
    if state.is_stale:
        yield _fill(name, f"cannot be read: {put_in_line(state.stale_reason)}", age, style="bold magenta")
    elif not state.positions:
        yield _fill(name, "no open position", age, style="dim")
    for problem in state.problems:
        yield _fill(name, f"not read: {put_in_line(problem)}", age, style="magenta")
    for unread in state.unread_fills:
        yield _fill(name, f"an ADL would not be seen: {put_in_line(unread)} cannot be read", age, style="bold magenta")
    age_shown = Text(age, style="bold magenta" if state.is_stale else "")
    for margin in state.margins:
        if margin.observed.distance is not None:
            yield [Text(name), *_list_margin_cells(margin), age_shown]
    for position in sorted(state.positions, key=lambda one: (one.standing.order(), one.distance_level), reverse=True):
        yield [Text(name), *_list_cells(position), age_shown]


def _fill(name: str, text: str, age: str, *, style: str) -> list[Text]:
    return [Text(name), Text(text, style=style), *[Text()] * (len(_HEADINGS) - 3), Text(age)]


def _list_margin_cells(margin: MarginState) -> list[Text]:
    """How far all marks may move together until the margin account is liquidated."""
    direction = f"all {margin.observed.direction} " if margin.observed.direction else ""
    distance = _show_distance(margin.observed.distance, level=margin.distance_level, before=direction)
    return [Text(put_in_line(name_margin(margin.observed.name))), *[Text()] * 4, distance, Text()]


def _show_distance(distance: float | None, *, level: int, before: str = "") -> Text:
    if distance is None:
        return Text(_UNKNOWN)
    shown = f"{before}{format_share(distance)}" if distance else "due"
    return Text(shown, style=_DISTANCE_STYLES[level])


def _list_cells(position: PositionState) -> list[Text]:
    seen, standing = position.observed, position.standing
    score = _UNKNOWN if seen.score is None else str(seen.score)
    if seen.score_upper is not None and seen.score_upper != seen.score:
        score = f"{score}–{seen.score_upper}"
    alerts = ["not seen now"] if position.is_absent else []
    return [
        Text(put_in_line(seen.symbol)),
        Text(seen.side or _UNKNOWN),
        Text(_UNKNOWN if seen.size is None else format_amount(seen.size)),
        Text(standing.text, style=_STYLES[standing.upper]),
        Text(score),
        _show_distance(seen.liquidation_distance, level=position.distance_level),
        Text(", ".join([*alerts, *(name_alert(code) for code in position.alerts)]), style="red"),
    ]
