"""What came of the attacks, as a table in Markdown."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from support.siege.others import Others, Tally

HEADER: Final = (
    "attack",
    "what came of it",
    "others' scores",
    "p50, ms",
    "p99, ms",
    "without the record",
    "/health/live",
    "on the probe port",
    "peak, MiB",
    "later",
)
_NOTHING: Final = "–"


class Row(Struct, frozen=True, kw_only=True):
    """What came of one attack; ``others`` is ``None`` where it ended the replica."""

    attack: str
    outcome: str
    others: Others | None = None
    later: tuple[float, int] | None = None  # memory in MiB, and the status of readiness


def report(rows: Sequence[Row]) -> str:
    """The table."""
    lines = (f"| {' | '.join(cells)} |" for cells in (HEADER, ["---"] * len(HEADER), *map(_cells, rows)))
    return "\n".join([*lines, ""])


def rows_of(written: str) -> dict[str, Sequence[str]]:
    """The cells of a written report by attack, without the attack itself."""
    _, _, *lines = written.splitlines()
    cells = (line.strip("| ").split(" | ") for line in lines)
    return {attack: rest for attack, *rest in cells}


def _cells(row: Row) -> Sequence[str]:
    outcome = row.outcome or _NOTHING
    if row.others is None or row.later is None:
        return (row.attack, outcome, *[_NOTHING] * (len(HEADER) - 2))
    scores, (mib, status) = row.others.scores, row.later
    return (
        row.attack,
        outcome,
        f"{len(scores.seconds):,} of {scores.asked:,}",
        _milliseconds(scores, 50),
        _milliseconds(scores, 99),
        f"{scores.without_record:,}",
        _probes(row.others.health),
        _probes(row.others.probes),
        f"{row.others.peak_mib:,.0f}",
        f"{mib:,.0f} MiB, {'ready' if status == 200 else status or 'no answer'}",
    )


def _probes(tally: Tally) -> str:
    """How many were answered, and in which time."""
    if not tally.asked:
        return _NOTHING
    answered = f"{len(tally.seconds)} of {tally.asked}"
    return f"{answered}, {_milliseconds(tally, 50)} ms" if tally.seconds else answered


def _milliseconds(tally: Tally, percentile: int) -> str:
    found = tally.milliseconds(percentile)
    return _NOTHING if found is None else f"{found:,.1f}" if found < 100.0 else f"{found:,.0f}"
