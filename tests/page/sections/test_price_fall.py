"""The row "If the price falls 10 %?": a liquidation on the way is told before anything of an ADL."""

from typing import Any

import htpy as h
import msgspec
import pytest

from adlrisk import account, score
from adlrisk.page.sections.price_fall import render_liquidation_in_fall
from support.pictures import parse, text_of

LONG: dict[str, Any] = {"side": "long", "size": 3, "entry_price": 60_000, "mark_price": 57_500}


def told(**position: Any) -> str:
    """What is told of a position at Bybit, from the score that the library gives it."""
    given = {**LONG, **position}
    answer = msgspec.to_builtins(score({"venue": "bybit", "position": given, "as_of": "2026-11-18T12:00:00Z"}))
    return str(text_of(parse(h.p[render_liquidation_in_fall(answer, position=given, account=None)])))


@pytest.mark.parametrize(
    ("position", "said"),
    [
        # 57,000 is the bankruptcy price at 20x, and the maintenance margin is not known.
        ({"leverage": 20}, "Liquidation on the way, before it is bankrupt at 57,000."),
        # 57,000 / (1 - 0.5 %)
        ({"leverage": 20, "maintenance_margin_rate": 0.005}, "Liquidation on the way, at 57,286.4."),
        ({"leverage": 4, "maintenance_margin_rate": 0.005}, ""),
        ({"leverage": 4}, "Liquidation: unknown."),
        ({}, "Liquidation: unknown."),
        ({"leverage": 1}, ""),
        ({"margin": 3_000, "mark_price": 50_000}, "Liquidation is due already."),
        ({"side": "short", "leverage": 20}, ""),
        ({"side": "short", "leverage": 20, "mark_price": 70_000}, "Liquidation is due already."),
    ],
)
def test_liquidation_in_a_fall_is_told(position: dict[str, Any], said: str) -> None:
    """At its price where that is known, before bankruptcy where only that is, else as unknown; a short gains."""
    assert told(**position).strip() == said


def test_liquidation_of_an_account_in_a_fall_is_told() -> None:
    """A short of 0.5 beside a long of 1 is half a long: with 1,000 behind both 2.834 % end it, of either leg."""
    legs = [
        {"id": "a", "symbol": "X", "side": "short", "size": 0.5, "maintenance_margin_rate": 0.004},
        {"id": "b", "symbol": "X", "side": "long", "size": 1, "maintenance_margin_rate": 0.004},
    ]
    positions = [{**leg, "entry_price": 50_000, "mark_price": 50_000} for leg in legs]
    answer = msgspec.to_builtins(account({"venue": "okx", "positions": positions, "wallet_balance": 1_000}))
    scored = answer["positions"][0]
    shown = h.p[render_liquidation_in_fall(scored, position=positions[0], account=answer["account"])]
    assert text_of(parse(shown)).strip() == "Liquidation of the account on the way, at −2.834\xa0%."
