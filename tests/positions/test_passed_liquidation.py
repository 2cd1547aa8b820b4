"""Liquidation prices that the mark has passed: due, unless they are those of the other side of a hedge."""

from typing import Any

import pytest

from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.passed_liquidation import leave_out_shared_prices


def held(
    side: str | None, mode: Any = "cross", *, base: str | None = "BTC", passed: float | None = None
) -> OpenPosition:
    currencies = None if base is None else Currencies(base=base, quote="USDT", settle="USDT")
    return OpenPosition(
        symbol="X", market="X", side=side, margin_mode=mode, currencies=currencies, passed_liquidation_price=passed
    )


@pytest.mark.parametrize(
    ("mode", "other", "is_due"),
    [
        ("cross", [], True),
        ("cross", [held("long")], False),
        ("cross", [held("long", base=None)], False),
        ("cross", [held(None)], False),
        ("cross", [held("long", mode=None)], False),
        ("cross", [held("short"), held("long", base="ETH"), held("long", "isolated")], True),
        ("isolated", [held("long")], True),
    ],
    ids=["alone", "hedged", "unknown contract", "unknown side", "unknown mode", "no hedge", "isolated"],
)
def test_price_that_was_passed_means_due_unless_a_hedge_shares_it(
    mode: str, other: list[OpenPosition], is_due: bool
) -> None:
    """In hedge mode Binance shows one price for both sides, which lies beyond the mark for one of them."""
    found, *others = leave_out_shared_prices([held("short", mode, passed=2100.0), *other])
    assert found.passed_liquidation_price == (2100.0 if is_due else None)
    assert others == other
