"""The report on an account's open positions and their scores, as a table or JSON lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import format_number
from adlrisk.positions.positions import OpenPosition
from adlrisk.venues.catalogue import Catalogue

_HEADINGS = ("symbol", "side", "size", "entry", "mark", "leverage", "score", "band", "queue key", "meter", "unknown")
_GAP = "  "


class ScoredPosition(Struct, frozen=True, kw_only=True):
    """An open position with its answer, or the reason why it has none."""

    held: OpenPosition
    answer: ScoreAnswer | None = None
    not_scored_reason: str | None = None


def score_all(
    held: Iterable[OpenPosition], *, venue: str, venues: Catalogue, now: datetime
) -> tuple[ScoredPosition, ...]:
    """Each position with the answer of ``POST /score`` at ``now``."""
    return tuple(_score(one, venue=venue, venues=venues, now=now) for one in held)


def as_lines(scored: Sequence[ScoredPosition]) -> str:
    """One JSON object per line: the answer, with the position and the assumptions made for it."""
    return "".join(msgspec.json.encode(_to_line(one)).decode() + "\n" for one in scored)


def as_table(scored: Sequence[ScoredPosition]) -> str:
    """A table for people, followed by assumptions and by what could not be scored."""
    if not scored:
        return "No open positions.\n"
    rows = [_HEADINGS, *(_to_row(one.held, one.answer) for one in scored)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [note for one in scored for note in _list_notes(one)]
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def _score(held: OpenPosition, *, venue: str, venues: Catalogue, now: datetime) -> ScoredPosition:
    if held.position is None:
        return ScoredPosition(held=held, not_scored_reason=held.not_scored_reason)
    try:
        answer = answer_score(ScoreRequest(venue=venue, position=held.position), venues=venues, now=now)
    except RefusedError as error:
        return ScoredPosition(held=held, not_scored_reason=error.detail)
    return ScoredPosition(held=held, answer=answer)


def _to_line(one: ScoredPosition) -> dict[str, object]:
    held = one.held
    named = {"symbol": held.symbol, "ccxt_symbol": held.market, "side": held.side}
    if one.answer is None:
        return {**named, "not_scored": one.not_scored_reason}
    position = {
        field: value
        for field, value in msgspec.to_builtins(held.position).items()
        if value is not None  # a request may omit them
    }
    answer: dict[str, object] = msgspec.to_builtins(one.answer)
    return {**named, "margin_basis": held.margin_basis, "assumed": held.assumptions, "position": position, **answer}


def _to_row(held: OpenPosition, answer: ScoreAnswer | None) -> tuple[str, ...]:
    named = (held.symbol, held.side or "unknown")
    if answer is None or held.position is None:
        return (*named, *("not scored" if heading == "score" else "" for heading in _HEADINGS[len(named) :]))
    position = held.position
    return (
        *named,
        format_number(position.size * position.contract_size),
        format_number(position.entry_price),
        format_number(position.mark_price),
        _format_leverage(held, answer),
        _format_range(str(answer.score), str(answer.score_upper)),
        _format_range(answer.band, answer.band_upper),
        _format_queue_key(answer),
        _format_meter(position.adl_meter, answer),
        ", ".join(answer.missing) or "nothing",
    )


def _format_leverage(held: OpenPosition, answer: ScoreAnswer) -> str:
    leverage = answer.state.effective_leverage
    mark = "*" if held.margin_basis == "own-share" else ""
    return f"insolvent{mark}" if leverage is None else f"{format_number(leverage)}×{mark}"


def _format_range(lower: str, upper: str) -> str:
    return lower if lower == upper else f"{lower}–{upper}"


def _format_queue_key(answer: ScoreAnswer) -> str:
    queue = answer.queue
    if queue is None:
        return "unknown" if "maintenance_margin_rate" in answer.missing else "none known"
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


def _list_notes(one: ScoredPosition) -> list[str]:
    name = f"{one.held.symbol} {one.held.side or ''}".rstrip()
    if one.answer is None:
        return [f"{name}: not scored: {one.not_scored_reason}"]
    star = "* " if one.held.margin_basis == "own-share" else ""
    return [f"{star}{name}: {assumption}" for assumption in one.held.assumptions]
