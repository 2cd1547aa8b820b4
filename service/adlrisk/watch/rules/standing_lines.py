"""How an account stands, in lines: of a start, of its return, and of what the budget held back."""

from typing import Final

from adlrisk.watch.messages.sentences.margins import name_margin, say_move
from adlrisk.watch.messages.sentences.position_lines import (
    count_standings,
    describe_position,
    say_liquidation,
)
from adlrisk.watch.messages.wording import format_time, name_account, name_position, put_in_line
from adlrisk.watch.state.account_state import AccountState, MarginState, PositionState

_MOST_LINES: Final = 20


def list_positions(positions: tuple[PositionState, ...]) -> list[str]:
    """A line for each position, the worst first, and of many how many more there are."""
    ordered = sorted(positions, key=lambda each: (each.standing.order(), each.distance_level), reverse=True)
    lines = [put_in_line(describe_position(each.observed, each.standing)) for each in ordered[:_MOST_LINES]]
    rest = len(ordered) - len(lines)
    return [*lines, f"and {rest} more, none worse"] if rest else lines


def list_margins(margins: tuple[MarginState, ...]) -> list[str]:
    """A line for each margin account whose distance is known."""
    known = [each.observed for each in margins if each.observed.distance is not None]
    return [put_in_line(f"{name_margin(each.name)}: {say_move(each)}") for each in known]


def list_unseen(positions: tuple[PositionState, ...]) -> list[str]:
    """A line for each position that was there before, and that a reading which is not complete does not have."""
    named = [name_position(each.observed.symbol, each.observed.side) for each in positions[:_MOST_LINES]]
    return [put_in_line(f"{each}: not seen now, and it may still be open") for each in named]


def summarize_positions(positions: tuple[PositionState, ...]) -> str:
    """How many there are, and how many stand how."""
    if not positions:
        return "no open position"
    if len(positions) == 1:
        return f"1 position, {positions[0].standing.text}"
    return f"{len(positions)} positions, {count_standings([each.standing for each in positions])}"


def describe_account(state: AccountState) -> str:
    """The account in one line: how its positions stand, what is near to liquidation, or that it cannot be read."""
    name = name_account(state.venue, state.account)
    known = summarize_positions(state.positions)
    if state.stale_since is None:
        return put_in_line("; ".join([f"{name}: {known}", *_list_nearest(state)]))
    before = "" if state.read_at is None else f"; at {format_time(state.read_at)}: {known}"
    return put_in_line(f"{name}: cannot be read since {format_time(state.stale_since)}{before}")


def _list_nearest(state: AccountState) -> list[str]:
    """The position that is nearest to its liquidation, and the margin account, where they are near."""
    seen = [each.observed for each in state.positions if each.distance_level]
    nearest = min(seen, key=lambda each: 1.0 if (far := each.liquidation_distance) is None else far, default=None)
    named = [] if nearest is None else [f"{name_position(nearest.symbol, nearest.side)}: {say_liquidation(nearest)}"]
    return [*named, *list_margins(tuple([each for each in state.margins if each.distance_level]))]
