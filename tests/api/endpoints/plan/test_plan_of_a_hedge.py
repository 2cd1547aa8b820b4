"""``POST /plan`` of a leg that hedges another: what it does to the account is told beside what it does to the leg."""

import json
from typing import Any

import msgspec
import pytest

from adlrisk import account, plan

LEGS = [
    {"id": "long", "symbol": "X", "side": "long", "size": 10, "entry_price": 80, "mark_price": 100},
    {"id": "short", "symbol": "X", "side": "short", "size": 9, "entry_price": 100, "mark_price": 100},
]
CALM = {"funding_rate": 0, "funding_interval_hours": 8, "liquidation_spike": False, "thin_liquidity": False}
REQUEST: dict[str, Any] = {
    "venue": "okx",
    "positions": [{**leg, "maintenance_margin_rate": 0.01, "adl_meter": 1} for leg in LEGS],
    "wallet_balance": 0,
    "markets": {"X": CALM},
    "as_of": "2026-11-18T12:00:00Z",
    "leg": "long",
    "target": {"score": 0},
    "lot_size": 1,
}


def options() -> dict[str, Any]:
    answer = msgspec.json.decode(msgspec.json.encode(plan(REQUEST)))
    return {option["action"]: option for option in answer["options"]}


def test_close_of_a_hedge_is_told_to_make_the_account_worse() -> None:
    """100 net on an equity of 200 becomes 900 short, and a rise liquidates the account that did not.

    Equity 200 less 9 for each 1 meets 1 % of 9 contracts at 100·(1 + r): 200 - 900·r = 9 + 9·r, at 191 / 909 = 21.01 %.
    """
    close = options()["close"]
    assert close["account"]["net_leverage"] == 4.5
    assert close["account"]["nearest_liquidation"]["rises"] == pytest.approx(191 / 909)
    exposure, liquidation = close["makes_worse"]
    assert exposure == "Net exposure of all legs: from 100 to 900, settlement currency: it hedges another leg."
    assert liquidation == "Liquidation of the account: by a rise of 21.01 % of the price, now by none."


def test_account_of_each_option_is_that_of_its_request() -> None:
    """Posted to `/account`, each request has the account that its option tells of, after a close of the leg, too."""
    told = options()
    assert {"close", "hedge"} < set(told)
    for option in told.values():
        answer = json.loads(msgspec.json.encode(account(option["request"]).account))
        assert answer == option["account"], option["action"]


def test_hedge_is_told_of_whatever_stands_behind_the_legs() -> None:
    """Without a balance, and where one leg is isolated, the legs' exposure is known all the same."""
    isolated = [{**REQUEST["positions"][0], "margin_mode": "isolated", "margin": 50}, REQUEST["positions"][1]]
    for changed in ({"wallet_balance": None}, {"positions": isolated, "wallet_balance": 100}):
        close = next(option for option in plan({**REQUEST, **changed}).options if option.action == "close")
        assert "from 100 to 900" in close.makes_worse[0]


def test_flip_of_the_exposure_is_told_by_its_new_side() -> None:
    """500 net long become 500 net short: no larger, but now a rise liquidates, and no fall."""
    legs = [{**REQUEST["positions"][0], "entry_price": 100}, {**REQUEST["positions"][1], "size": 5}]
    close = next(
        option
        for option in plan({**REQUEST, "positions": legs, "wallet_balance": 100}).options
        if option.action == "close"
    )
    (told,) = close.makes_worse
    assert told.startswith("Liquidation of the account: by a rise of ")
    assert told.endswith("now by none.")


def test_margin_makes_nothing_worse() -> None:
    """More equity behind the same legs is in no sentence."""
    assert all(not option["makes_worse"] for name, option in options().items() if "margin" in name or name == "hedge")


def test_plan_names_what_would_settle_the_unknown() -> None:
    """A score that may be higher has the fields that would tell in `missing`."""
    lacking = {**REQUEST, "markets": {}}
    answer = plan(lacking)
    assert answer.now.score_upper > answer.now.score
    assert {"funding_rate", "liquidation_spike"} <= set(answer.missing)


def test_margin_mode_beside_legs_is_refused_as_such() -> None:
    """The refusal says that it does not go with positions, rather than what it may be."""
    with pytest.raises(ValueError, match="it does not go with positions"):
        plan({**REQUEST, "margin_mode": "cross"})
