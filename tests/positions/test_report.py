"""The table of scored positions: what each cell shows if there is no plain number."""

from typing import Any

import pytest

from adlrisk.domain.position.position import Position
from adlrisk.library import catalogue
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.report import as_table
from adlrisk.positions.scoring import score_all
from support.running import WEDNESDAY


def cells(venue: str, **given: Any) -> dict[str, str]:
    """The row of a long of 10 from 100 at 110 with 200 of margin, by heading."""
    fields: dict[str, Any] = {"side": "long", "size": 10, "entry_price": 100, "mark_price": 110, "margin": 200}
    held = OpenPosition(
        symbol="X",
        market="X/USDT:USDT",
        side="long",
        margin_mode="isolated",
        position=Position(**{**fields, **given}),
    )
    heading, row = as_table(score_all([held], (), venue=venue, venues=catalogue(), now=WEDNESDAY)).splitlines()
    names = [name for name in heading.replace("queue key", "queue_key").split("  ") if name]
    starts = [heading.index(name.strip().replace("_", " ")) for name in names]
    ends = [*starts[1:], None]
    return {name.strip(): row[start:end].strip() for name, start, end in zip(names, starts, ends, strict=True)}


@pytest.mark.parametrize(
    ("venue", "given", "heading", "expected"),
    [
        ("binance", {}, "size", "10"),
        ("okx", {"contract_size": 0.01, "size": 250}, "size", "2.5"),
        ("binance", {}, "leverage", "3.66667×"),  # 1,100 / (200 + 100)
        ("binance", {"mark_price": 70}, "leverage", "insolvent"),  # 200 − 300
        ("binance", {"margin": None}, "leverage", "unknown"),
        ("binance", {"margin": None, "maintenance_margin": 6}, "queue_key", "unknown"),
        ("deribit", {"margin": None}, "queue_key", "none known"),
        ("binance", {"mark_price": 70, "maintenance_margin": 5}, "queue_key", "not eligible"),
        ("binance", {"maintenance_margin": 6}, "queue_key", "0.01"),  # 100/200 · 6/300
        ("binance", {}, "queue_key", "unknown"),
        ("deribit", {}, "queue_key", "none known"),
        ("binance", {"adl_meter": 2}, "meter", "2 (0.5)"),
        ("gate", {"adl_meter": 1}, "meter", "1 (1)"),
        ("gate", {"adl_meter": 6}, "meter", "6 (no rank)"),
        ("bybit", {"adl_meter": 0}, "meter", "0 (no rank)"),
        ("bybit", {}, "meter", "unknown"),
        ("binance", {"adl_meter": 4}, "score", "4–8"),  # profit and meter; funding and stress are not known
        ("binance", {"adl_meter": 4}, "band", "watch–high"),
        ("binance", {"adl_meter": 4, "maintenance_margin": 6}, "unknown", "funding_rate, liquidation_spike"),
        ("deribit", {}, "meter", "none known"),
    ],
)
def test_cell_shows_number_or_reason(venue: str, given: dict[str, Any], heading: str, expected: str) -> None:
    """A cell shows a number, or words if there is none."""
    assert cells(venue, **given)[heading] == expected


def test_account_without_positions_has_no_table() -> None:
    """Without positions a sentence replaces the table."""
    scored = score_all([], (), venue="okx", venues=catalogue(), now=WEDNESDAY)
    assert as_table(scored) == "No open positions.\n"
