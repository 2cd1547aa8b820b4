"""The report on open positions, their scores and their margin accounts, as a table or JSON lines."""

from collections.abc import Callable

import msgspec

from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.account.figures import CommonMove
from adlrisk.domain.account.move_words import describe_moves
from adlrisk.domain.position.number_format import format_number, format_percent
from adlrisk.positions.request_body import list_bodies
from adlrisk.positions.scoring import ScoredAccount, ScoredPosition, ScoredPositions

_HEADINGS = (
    "symbol",
    "side",
    "size",
    "entry",
    "mark",
    "leverage",
    "liquidation",
    "venue's",
    "score",
    "band",
    "queue key",
    "meter",
    "unknown",
)
_GAP = "  "


def as_bodies(scored: ScoredPositions, *, venue: str) -> str:
    """The bodies of ``POST /account``, one on each line."""
    return "".join(msgspec.json.encode(body).decode() + "\n" for body in list_bodies(scored, venue=venue))


def as_answers(scored: ScoredPositions) -> str:
    """One JSON object per line: each position with its answer and what was assumed, then each margin account."""
    lines = [*map(_to_line, scored.positions), *map(_to_account_line, scored.accounts)]
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


def as_table(scored: ScoredPositions) -> str:
    """A table for people, followed by the margin accounts, by assumptions and by what could not be scored."""
    if not scored.positions:
        return "No open positions.\n"
    rows = [_HEADINGS, *(_to_row(one, has_formula=scored.has_formula) for one in scored.positions)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    accounts = [_describe_account(one) for one in scored.accounts]
    notes = [note for one in scored.positions for note in _list_notes(one)]
    notes += [f"account {one.account.name}: {note}" for one in scored.accounts for note in one.account.assumptions]
    return "\n".join(line for part in (lines, accounts, notes) if part for line in (*part, "")).rstrip("\n") + "\n"


def _to_line(one: ScoredPosition) -> dict[str, object]:
    held = one.held
    named = {"symbol": held.symbol, "ccxt_symbol": held.market, "side": held.side}
    if one.answer is None:
        return {**named, "not_scored": one.not_scored_reason}
    position = {
        field: value
        for field, value in msgspec.to_builtins(one.position).items()
        if value is not None  # a request may omit them
    }
    # The id is that of an item of a batch, or of a leg, which the symbol and the side name here.
    fields = [field for field in ScoreAnswer.__struct_fields__ if field != "id"]
    answer = {field: msgspec.to_builtins(getattr(one.answer, field)) for field in fields}
    # No market record is asked for: the symbol only says which legs move together.
    answer["market"] = None
    return {**named, "margin_basis": one.margin_basis, "assumed": one.assumptions, "position": position, **answer}


def _to_account_line(one: ScoredAccount) -> dict[str, object]:
    account = one.account
    figures: dict[str, object] = msgspec.to_builtins(one.figures)
    symbols = tuple(dict.fromkeys(position.symbol for position in account.positions))
    return {"account": account.name, "symbols": symbols, "assumed": account.assumptions, **figures}


def _to_row(one: ScoredPosition, *, has_formula: bool) -> tuple[str, ...]:
    named = (one.held.symbol, one.held.side or "unknown")
    position, answer = one.position, one.answer
    if answer is None or position is None:
        known = {"score": "not scored", "meter": _or_nothing(one.held.adl_meter)}
        return (*named, *(known.get(heading, "") for heading in _HEADINGS[len(named) :]))
    return (
        *named,
        "unknown" if one.held.contradiction else format_number(position.size * position.contract_size),
        format_number(position.entry_price),
        format_number(position.mark_price),
        _format_leverage(answer),
        _or_unknown(answer.state.liquidation_price, format_number),
        _or_nothing(one.held.liquidation_price),
        _format_range(str(answer.score), str(answer.score_upper)),
        _format_range(answer.band, answer.band_upper),
        _format_queue_key(answer, has_formula=has_formula),
        _format_meter(position.adl_meter, answer),
        ", ".join(answer.missing) or "nothing",
    )


def _format_leverage(answer: ScoreAnswer) -> str:
    state = answer.state
    if state.equity is None:
        return "unknown"
    return "insolvent" if state.effective_leverage is None else _format_times(state.effective_leverage)


def _format_times(leverage: float) -> str:
    return f"{format_number(leverage)}×"


def _format_range(lower: str, upper: str) -> str:
    return lower if lower == upper else f"{lower}–{upper}"


def _format_queue_key(answer: ScoreAnswer, *, has_formula: bool) -> str:
    queue = answer.queue
    if queue is None:
        return "unknown" if has_formula else "none known"
    return "not eligible" if queue.priority is None else format_number(queue.priority)


def _format_meter(reading: float | None, answer: ScoreAnswer) -> str:
    (normalised,) = (signal.value for signal in answer.signals if signal.signal == "adl_meter")
    if reading is None:
        return "unknown" if "adl_meter" in answer.missing else "none known"
    return (
        f"{format_number(reading)} (no rank)"
        if normalised is None
        else f"{format_number(reading)} ({format_number(normalised)})"
    )


def _describe_account(one: ScoredAccount) -> str:
    name, figures = f"account {one.account.name}", one.figures
    if figures.equity is None:
        return f"{name}: equity unknown"
    if figures.equity <= 0.0:
        return f"{name}: insolvent, equity {format_number(figures.equity)}"
    return (
        f"{name}: equity {format_number(figures.equity)}, "
        f"margin ratio {_or_unknown(figures.margin_ratio, format_percent)}, "
        f"gross leverage {_or_unknown(figures.gross_leverage, _format_times)}, "
        f"net leverage {_or_unknown(figures.net_leverage, _format_times)}, "
        f"{_describe_liquidation(figures.nearest_liquidation)}"
    )


def _describe_liquidation(nearest: CommonMove | None) -> str:
    if nearest is None:
        return "liquidation unknown"
    if nearest.is_due:
        return "liquidation is due"
    moves = describe_moves(nearest)
    if moves is None:
        return "no liquidation if all marks move together from −100 % to 100 %"
    return f"liquidation if all marks {moves}"


def _or_nothing(value: float | None) -> str:
    return "" if value is None else format_number(value)


def _or_unknown(value: float | None, formatter: Callable[[float], str]) -> str:
    return "unknown" if value is None else formatter(value)


def _list_notes(one: ScoredPosition) -> list[str]:
    name = f"{one.held.symbol} {one.held.side or ''}".rstrip()
    if one.answer is None:
        return [f"{name}: not scored: {one.not_scored_reason}"]
    return [f"{name}: {note}" for note in (*one.held.assumptions, *one.notes)]
