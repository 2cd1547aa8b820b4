"""How an account stands, in lines: of a start, of its return, and of what the budget held back."""

from typing import Final

from adlrisk.watch.messages.sentences.position_lines import count_standings, describe_position
from adlrisk.watch.messages.wording import format_time, name_account, put_in_line
from adlrisk.watch.state.account_state import AccountState, PositionState

_MOST_LINES: Final = 20


def list_positions(positions: tuple[PositionState, ...]) -> list[str]:
    """A line for each position, the worst first, and of many how many more there are."""
    ordered = sorted(positions, key=lambda each: (each.standing.order(), each.distance_level), reverse=True)
    lines = [put_in_line(describe_position(each.observed, each.standing)) for each in ordered[:_MOST_LINES]]
    rest = len(ordered) - len(lines)
    return [*lines, f"and {rest} more, none worse"] if rest else lines


def summarize_positions(positions: tuple[PositionState, ...]) -> str:
    """How many stand how."""
    return count_standings([each.standing for each in positions]) or "no open position"


def describe_account(state: AccountState) -> str:
    """The account in one line: how its positions stand, or that it cannot be read."""
    name = name_account(state.venue, state.account)
    known = summarize_positions(state.positions)
    if state.stale_since is None:
        return put_in_line(f"{name}: {known}")
    before = "" if state.read_at is None else f"; at {format_time(state.read_at)}: {known}"
    return put_in_line(f"{name}: cannot be read since {format_time(state.stale_since)}{before}")
