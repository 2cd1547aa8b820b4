"""What a position may say of its account, in ``POST /score`` and ``POST /adl/partial``.

``equity``, ``wallet_balance``, ``maintenance_margin`` and ``maintenance_basis``, or nothing of what backs it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from support.fuzz.in_process import InProcess

AT_ENTRY: dict[str, Any] = {"side": "long", "size": 1.0, "entry_price": 100.0, "mark_price": 100.0}
WITH_OTHERS = AT_ENTRY | {"margin": 5.0, "maintenance_margin_rate": 0.004, "maintenance_margin": 4.4}
CARRIES_ALL: dict[str, Any] = {
    "side": "short", "size": 1.0, "entry_price": 100_000.0, "mark_price": 60_000.0,
    "equity": 10_000.0, "wallet_balance": 10_000.0, "maintenance_margin": 480.0,
}  # fmt: skip
SHORT_OF_TEN: dict[str, Any] = {
    "side": "short", "size": 10.0, "entry_price": 150.0, "mark_price": 100.0, "maintenance_margin": 60.0,
}  # fmt: skip
NEEDS_BACKING = (
    "equity", "margin", "effective_leverage", "bankruptcy_price", "liquidation_price", "liquidation_distance",
    "return_on_margin",
)  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[InProcess]:
    with InProcess() as running:
        yield running


def score(service: InProcess, position: dict[str, Any], venue: str = "generic", **market: Any) -> dict[str, Any]:
    request = {"venue": venue, "position": position, "market": market}
    answer = service.ask("POST", "/score", json.dumps(request).encode())
    assert answer.status == 200, answer.content
    content: dict[str, Any] = answer.content
    return content


def state(service: InProcess, **position: Any) -> dict[str, Any]:
    found: dict[str, Any] = score(service, AT_ENTRY | position)["state"]
    return found


def fired(answer: dict[str, Any]) -> dict[str, bool | None]:
    return {signal["signal"]: signal["fired"] for signal in answer["signals"]}


# The table of the design.


def test_maintenance_margin_of_the_others_counts_in_the_liquidation_price(service: InProcess) -> None:
    """5 + (P − 100) = 0.004 P + 4: 99.397590, 0.60 % away; 95.38 would leave the others out."""
    shown = score(service, WITH_OTHERS)["state"]
    assert shown["liquidation_price"] == pytest.approx(99.397590, abs=5e-7)
    assert shown["liquidation_distance"] == pytest.approx(0.0060, abs=5e-5)
    assert shown["bankruptcy_price"] == 95


@pytest.mark.parametrize("maintenance_margin", [5.0, 5.5])
def test_liquidation_that_is_due_is_at_the_mark(service: InProcess, maintenance_margin: float) -> None:
    """Equity does not exceed the account's maintenance margin: nothing is left to fall, and the advice says so."""
    answer = score(service, WITH_OTHERS | {"maintenance_margin": maintenance_margin})
    assert (answer["state"]["liquidation_price"], answer["state"]["liquidation_distance"]) == (100, 0)
    buffer = next(action for action in answer["actions"] if action["action"] == "keep_margin_buffer")
    assert "liquidation is due" in buffer["reason"]
    assert buffer["applies_to"] == ["leverage"]


def test_liquidation_that_is_due_is_said_without_any_concern(service: InProcess) -> None:
    """Leverage is 2, and no signal is near; the advice to keep a margin buffer applies to none of them."""
    answer = score(service, AT_ENTRY | {"margin": 50.0, "maintenance_margin": 60.0})
    assert not any(fired(answer).values())
    assert [(action["action"], action["applies_to"]) for action in answer["actions"]] == [("keep_margin_buffer", [])]
    assert "liquidation is due" in answer["actions"][0]["reason"]


def test_maintenance_margin_stands_still_without_a_rate(service: InProcess) -> None:
    """KuCoin's own sample: 4,189.35 − (3.40376309 − 0.50707892)/0.02 = 4,044.52; it says 4,044.55."""
    shown = state(
        service, size=0.02, entry_price=4189.35, mark_price=4183.38, margin=3.40376309, maintenance_margin=0.50707892
    )
    assert shown["liquidation_price"] == pytest.approx(4044.515792, abs=5e-7)


def test_winner_that_carries_the_account_is_scored(service: InProcess) -> None:
    """40,000/10,000 · 480/10,000 = 0.192 at Binance, with a margin of −30,000."""
    answer = score(service, CARRIES_ALL, "binance")
    shown = answer["state"]
    assert (shown["effective_leverage"], shown["bankruptcy_price"], shown["equity"]) == (6, 70_000, 10_000)
    assert (shown["margin"], shown["return_on_margin"]) == (-30_000, None)
    assert shown["profit_share"] == 4  # more than all
    assert shown["liquidation_price"] == 69_520  # 10,000 + 60,000 − P = 480
    assert answer["queue"]["priority"] == pytest.approx(0.192, rel=1e-12)
    assert answer["queue"]["eligible"] is True
    assert fired(answer)["profit"] is True


def test_wallet_balance_decides_the_key_of_binance(service: InProcess) -> None:
    """500/1000 · 60/600 = 0.05; by what is left without this position it was 0.5."""
    told = SHORT_OF_TEN | {"equity": 600.0}
    answer = score(service, told | {"wallet_balance": 1000.0}, "binance")
    assert answer["queue"]["priority"] == pytest.approx(0.05, rel=1e-12)
    for alone in (told, SHORT_OF_TEN | {"margin": 100.0}):
        assert score(service, alone, "binance")["queue"]["priority"] == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("wallet_balance", [-1000.0, 0.0, 1.0])
def test_wallet_balance_below_one_counts_as_one(service: InProcess, wallet_balance: float) -> None:
    """The floor of Binance's formula: 500/1 · 60/600 = 50."""
    answer = score(service, SHORT_OF_TEN | {"equity": 600.0, "wallet_balance": wallet_balance}, "binance")
    assert answer["queue"]["priority"] == pytest.approx(50, rel=1e-12)


@pytest.mark.parametrize("venue", ["okx", "hyperliquid", "generic", "coinex"])
def test_wallet_balance_changes_nothing_elsewhere(service: InProcess, venue: str) -> None:
    """Only the key `profit_times_margin_ratio` uses it."""
    told = SHORT_OF_TEN | {"equity": 600.0}
    assert score(service, told | {"wallet_balance": 1000.0}, venue) == score(service, told, venue)


# Equity over margin over leverage; insolvent is not unknown.


def test_equity_decides_over_margin_and_margin_over_leverage(service: InProcess) -> None:
    """Whatever else is sent; margin is equity without the position's own PnL."""
    shown = state(service, mark_price=90.0, equity=30.0, margin=1000.0, leverage=2.0)
    assert (shown["equity"], shown["margin"], shown["unrealized_pnl"]) == (30, 40, -10)
    assert state(service, mark_price=90.0, margin=40.0, leverage=2.0) == shown
    assert state(service, mark_price=90.0, leverage=2.5) == shown


@pytest.mark.parametrize("equity", [0.0, -5.0])
def test_equity_that_is_used_up_is_insolvent(service: InProcess, equity: float) -> None:
    """The leverage signal fires and no queue holds the position: 0 and below are known."""
    answer = score(service, AT_ENTRY | {"equity": equity})
    assert answer["state"]["equity"] == equity
    assert answer["state"]["effective_leverage"] is None
    assert fired(answer)["leverage"] is True
    assert answer["queue"] == answer["queue"] | {"eligible": False, "priority": None}
    assert "margin" not in answer["missing"]


def test_margin_of_a_winner_that_carries_the_account_has_no_value_ratio(service: InProcess) -> None:
    """CoinEx divides by margin: at 0 and below, the position is not in its queue."""
    for equity, eligible in ((10_000.0, False), (40_000.0, False), (50_000.0, True)):  # PnL is 40,000
        queue = score(service, CARRIES_ALL | {"equity": equity}, "coinex")["queue"]
        assert queue["eligible"] is eligible, equity
        assert (queue["priority"] is not None) is eligible


def test_residue_of_equity_less_pnl_is_no_margin(service: InProcess) -> None:
    """0.3 of equity, all of it PnL: 3 · (1.1 − 1.0) is not 0.3 in doubles, and the rest is rounding, not margin."""
    shown = state(service, size=3.0, entry_price=1.0, mark_price=1.1, equity=0.3)
    assert shown["unrealized_pnl"] != 0.3
    assert (shown["margin"], shown["return_on_margin"]) == (0, None)


# None of the three.


@pytest.mark.parametrize("venue", ["generic", "binance", "okx", "hyperliquid", "coinex", "kraken", "dydx"])
@pytest.mark.parametrize("mark_price", [90.0, 100.0, 102.0, 110.0])
def test_position_without_backing_is_scored_as_far_as_it_goes(
    service: InProcess, venue: str, mark_price: float
) -> None:
    """What needs equity is null, `missing` names margin once, and a key is not taken for one that is not eligible."""
    answer = score(service, AT_ENTRY | {"mark_price": mark_price, "maintenance_margin_rate": 0.01}, venue)
    shown = answer["state"]
    assert {name: shown[name] for name in NEEDS_BACKING} == dict.fromkeys(NEEDS_BACKING)
    assert answer["queue"] is None
    assert answer["missing"].count("margin") == 1
    assert fired(answer)["leverage"] is None
    assert (shown["notional"], shown["unrealized_pnl"]) == (mark_price, mark_price - 100)


@pytest.mark.parametrize(
    ("mark_price", "profit", "share"),
    [
        (90.0, False, 0),  # a loser's share is 0 whatever backs it
        (100.0, False, 0),
        (102.0, None, None),  # 1.96 % of the notional: its share of the equity may be large
        (110.0, True, None),  # 9.1 %
    ],
)
def test_profit_without_backing_is_judged_by_profit_to_notional(
    service: InProcess, mark_price: float, profit: bool | None, share: float | None
) -> None:
    """It is unknown only while there is a profit and that part does not fire."""
    answer = score(service, AT_ENTRY | {"mark_price": mark_price})
    assert fired(answer)["profit"] is profit
    assert answer["state"]["profit_share"] == share
    assert answer["score_upper"] - answer["score"] == 2 * list(fired(answer).values()).count(None)


def test_null_is_the_same_as_left_out(service: InProcess) -> None:
    """Of every field that tells of the account."""
    told = dict.fromkeys(("equity", "margin", "leverage", "wallet_balance", "maintenance_margin", "maintenance_basis"))
    assert score(service, AT_ENTRY | told) == score(service, AT_ENTRY)


# Maintenance margin.


@pytest.mark.parametrize(
    ("told", "price"),
    [
        (
            {"maintenance_margin_rate": 0.01, "maintenance_margin": 0.5},
            95 / 0.995,
        ),  # half of its own
        # Own 0.02 · 100 − 1 = 1; half of it is 0.01 P − 0.5.
        ({"maintenance_margin_rate": 0.02, "maintenance_amount": 1.0, "maintenance_margin": 0.5}, 94.5 / 0.99),
        ({"maintenance_margin_rate": 0.01, "maintenance_basis": "entry", "maintenance_margin": 3.0}, 98.0),
        ({"maintenance_margin_rate": 0.01, "maintenance_basis": "entry"}, 96.0),
        ({"maintenance_margin_rate": 0.01, "maintenance_basis": "mark"}, 95 / 0.99),
        # Own 0, and 0 on the way down; the others' 2 stay: kept where equity is 2, not where it is 0.
        ({"maintenance_margin_rate": 0.01, "maintenance_amount": 4.0, "maintenance_margin": 2.0}, 97.0),
    ],
)
def test_liquidation_price_is_the_one_worked_out_by_hand(
    service: InProcess, told: dict[str, Any], price: float
) -> None:
    """A long of 1 from 100 at 100 with a margin of 5."""
    assert state(service, margin=5.0, **told)["liquidation_price"] == pytest.approx(price, rel=1e-12)
    assert state(service, equity=5.0, **told)["liquidation_price"] == pytest.approx(price, rel=1e-12)


def test_clamp_stays_where_no_maintenance_margin_is_sent(service: InProcess) -> None:
    """Equity 0.3 under the position's own 0.4: (100 − 0.3)/0.996, past the mark, as before."""
    shown = state(service, margin=0.3, maintenance_margin_rate=0.004)
    assert shown["liquidation_price"] == pytest.approx(99.7 / 0.996, rel=1e-12)
    assert shown["liquidation_distance"] < 0


# Partial closes.


def close_half(service: InProcess, position: dict[str, Any], mode: str, **more: Any) -> dict[str, Any]:
    request = {"position": position, "close": {"fraction": 0.5}, "margin_mode": mode, **more}
    answer = service.ask("POST", "/adl/partial", json.dumps(request).encode())
    assert answer.status == 200, answer.content
    content: dict[str, Any] = answer.content
    return content


TEN = AT_ENTRY | {"size": 10.0, "margin": 100.0, "maintenance_margin_rate": 0.01, "maintenance_margin": 30.0}


@pytest.mark.parametrize(
    ("mode", "price"),
    [
        ("cross", 420 / 4.95),  # 100 + 5 (P − 100) = 0.05 P + 20: the others' 20 are still there
        ("isolated", 460 / 4.95),  # 50 + 5 (P − 100) = 0.05 P + 10: they scale with the size
    ],
)
def test_maintenance_margin_of_the_others_goes_through_a_partial_close(
    service: InProcess, mode: str, price: float
) -> None:
    """Carried unchanged with cross margin, in proportion with isolated; before, 100 + 10 (P − 100) = 0.1 P + 20."""
    answer = close_half(service, TEN, mode)
    assert answer["before"]["liquidation_price"] == pytest.approx(920 / 9.9, rel=1e-12)
    assert answer["after"]["liquidation_price"] == pytest.approx(price, rel=1e-12)


def test_equity_before_a_partial_close_does_not_decide_after_it(service: InProcess) -> None:
    """5 of a long of 10 from 110 are closed at 95 while the mark is 100: equity 100 becomes 100 − 5·5 = 75."""
    position = AT_ENTRY | {"size": 10.0, "entry_price": 110.0, "equity": 100.0}
    answer = close_half(service, position, "cross", fill_price=95.0)
    assert (answer["before"]["equity"], answer["before"]["margin"]) == (100, 200)
    assert (answer["after"]["equity"], answer["after"]["margin"]) == (75, 125)
    assert answer == close_half(service, AT_ENTRY | {"size": 10.0, "entry_price": 110.0, "margin": 200.0}, "cross",
                                fill_price=95.0)  # fmt: skip


def test_partial_close_needs_backing(service: InProcess) -> None:
    """Without equity, margin and leverage there is no before and after."""
    request = {"position": AT_ENTRY, "close": {"fraction": 0.5}}
    answer = service.ask("POST", "/adl/partial", json.dumps(request).encode())
    assert (answer.status, answer.content["type"]) == (422, "/problems/margin-required")
