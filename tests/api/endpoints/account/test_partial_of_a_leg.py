"""``POST /adl/partial`` of a leg: its account before and after, and orders that are then too large."""

from typing import Any

import httpx
import pytest

from support.running import assert_problem

LEGS = [
    {"id": "a", "side": "long", "size": 10, "entry_price": 100, "mark_price": 110},
    {"id": "b", "side": "short", "size": 5, "entry_price": 100, "mark_price": 110},
]


def close(client: httpx.Client, **given: Any) -> dict[str, Any]:
    request = {"venue": "okx", "positions": LEGS, "leg": "a", "wallet_balance": 200, "close": {"size": 4}, **given}
    response = client.post("/adl/partial", json=request)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_partial_close_of_a_leg_leaves_its_account(client: httpx.Client) -> None:
    """4 of 10 closed at mark realize 40: equity stays 250, the balance is 240, and 1,210 of 1,650 stay open."""
    answer = close(client)
    before, after = answer["account"]["before"], answer["account"]["after"]
    assert (before["equity"], before["gross_notional"], before["wallet_balance"]) == (250.0, 1_650.0, 200.0)
    assert (after["equity"], after["gross_notional"], after["wallet_balance"]) == (250.0, 1_210.0, 240.0)
    assert (answer["realized_pnl"], answer["after"]["equity"]) == (40.0, 250.0)
    assert answer["after"]["effective_leverage"] == pytest.approx(660 / 250)


def test_fill_price_other_than_the_mark_changes_the_equity(client: httpx.Client) -> None:
    """Closed at 105 the four lose 5 each against the mark: 20 of the account's equity, given or computed."""
    assert close(client, fill_price=105)["account"]["after"]["equity"] == 230.0
    given = close(client, fill_price=105, wallet_balance=None, equity=250)
    assert given["account"]["after"]["equity"] == 230.0


def test_full_close_leaves_the_other_legs(client: httpx.Client) -> None:
    """Once all of the leg is closed, the account is that of the other leg."""
    answer = close(client, close={"fraction": 1})
    assert answer["account"]["after"]["gross_notional"] == 550.0
    assert (answer["account"]["after"]["equity"], answer["after"]["size"]) == (250.0, 0.0)


def test_orders_larger_than_the_rest_are_listed(client: httpx.Client) -> None:
    """Of a long of which 6 are left, an order to sell 10 is too large, one to sell 6 and one to buy are not."""
    orders = [
        {"id": "stop", "side": "sell", "size": 10},
        {"id": "take", "side": "sell", "size": 6},
        {"id": "buy", "side": "buy", "size": 10},
    ]
    assert close(client, orders=orders)["orders"] == [{"id": "stop", "old_size": 10.0, "new_size": 6.0}]


def test_account_without_a_balance_is_refused(client: httpx.Client) -> None:
    """Without wallet balance and equity nobody knows what is left: 422 margin-required."""
    request = {"venue": "okx", "positions": LEGS, "leg": "a", "close": {"size": 4}}
    answer = client.post("/adl/partial", json=request)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/margin-required")


def test_isolated_leg_gives_back_to_its_account(client: httpx.Client) -> None:
    """4 of 10 closed release 40 of 100 margin and 40 profit: 80 more behind the cross legs, whose figures stay else."""
    legs = [{**LEGS[0], "margin_mode": "isolated", "margin": 100}, LEGS[1]]
    change = close(client, positions=legs)["account"]
    assert (change["before"]["wallet_balance"], change["after"]["wallet_balance"]) == (200.0, 280.0)
    assert (change["before"]["equity"], change["after"]["equity"]) == (150.0, 230.0)
    assert change["after"]["gross_notional"] == change["before"]["gross_notional"] == 550.0


def test_isolated_loss_takes_nothing_from_its_account(client: httpx.Client) -> None:
    """A fill at 85 loses 60 where 40 of margin stood behind it: the account has what it had."""
    legs = [{**LEGS[0], "margin_mode": "isolated", "margin": 100}, LEGS[1]]
    change = close(client, positions=legs, fill_price=85)["account"]
    assert change["after"]["wallet_balance"] == 200.0


@pytest.mark.parametrize("leg", ["a", "b"])
def test_leg_that_contradicts_itself_is_named(client: httpx.Client, leg: str) -> None:
    """Nobody knows what an account holds of which one leg is in another unit: the refusal names that leg's figure."""
    legs = [LEGS[0], {**LEGS[1], "notional": 5}]
    for path, asked in (("/adl/partial", {"close": {"fraction": 1}}), ("/plan", {"target": "low"})):
        request = {"venue": "okx", "positions": legs, "leg": leg, "wallet_balance": 200, **asked}
        assert_problem(client.post(path, json=request), "figures-disagree", 422, pointer="/positions/1/notional")


def test_isolated_leg_without_margin_is_refused_in_its_place(client: httpx.Client) -> None:
    """The pointer of what it lacks is the leg's."""
    request = {"venue": "okx", "positions": [{**LEGS[0], "margin_mode": "isolated"}], "leg": "a", "close": {"size": 4}}
    answer = client.post("/adl/partial", json=request)
    assert_problem(answer, "margin-required", 422, pointer="/positions/0/margin")
