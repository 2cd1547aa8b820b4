"""Which positions share a margin account, and what backs them. Expectations are calculated by hand."""

from typing import Any

import pytest

from adlrisk.domain.position.position import Position
from adlrisk.positions.cross_accounts import CrossAccount, Hidden, group_positions
from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.readers.reader import AccountEquity


def held(symbol: str, settle: str | None = "USDT", **given: Any) -> OpenPosition:
    """A cross long of 2 from 100 at 110."""
    contract = given.pop("contract", "linear")
    made: dict[str, Any] = {
        "symbol": symbol,
        "market": symbol,
        "side": "long",
        "margin_mode": "cross",
        "currencies": Currencies(base=symbol, quote="USD" if contract == "inverse" else settle, settle=settle),
        "position": Position(side="long", size=2, entry_price=100, mark_price=110, contract=contract),
    }
    return OpenPosition(**{**made, **given})


def group(
    *positions: OpenPosition, not_listed: Hidden | None = None, **equities: AccountEquity | None
) -> dict[str, CrossAccount]:
    found = group_positions(positions, equity_of=equities.get, not_listed=not_listed)
    return {one.name: one for one in found}


def hidden_of(account: CrossAccount) -> list[str | None]:
    return [one.symbol for one in account.hidden]


def test_positions_of_one_settlement_share_its_equity() -> None:
    """Each settlement currency has an account of its own; isolated positions have no part in it."""
    usdt, usdc = AccountEquity(amount=500, wallet_balance=460, maintenance_margin=7), AccountEquity(amount=80)
    found = group(
        held("BTC"), held("ETH"), held("SOL", margin_mode="isolated"), held("BTCUSDC", "USDC"), USDT=usdt, USDC=usdc
    )
    assert {name: [one.symbol for one in account.positions] for name, account in found.items()} == {
        "USDT": ["BTC", "ETH"],
        "USDC": ["BTCUSDC"],
    }
    assert (found["USDT"].backing, found["USDC"].backing) == (usdt, usdc)
    assert [(account.hidden, account.assumptions) for account in found.values()] == [((), ()), ((), ())]


def test_unknown_equity_is_stated() -> None:
    """Without it nothing replaces it."""
    account = group(held("BTC"))["USDT"]
    assert account.backing is None
    assert "equity is not known, so leverage, share of profit, prices and queue key" in account.assumptions[0]


@pytest.mark.parametrize(
    ("other", "symbol"),
    [
        (held("ETH", position=None), "ETH"),  # it cannot be scored
        (held("ETH", margin_mode=None), "ETH"),  # it may be isolated or cross
        (held("ETH", currencies=None, position=None), None),  # the contract is not listed
        (held("ETH", settle=None, position=None), "ETH"),  # nobody knows in what it settles
    ],
)
def test_what_cannot_be_added_up_is_hidden(other: OpenPosition, symbol: str | None) -> None:
    """The account knows of it by its symbol, and says that its sums are unknown."""
    account = group(held("BTC"), other, USDT=AccountEquity(amount=500))["USDT"]
    assert [one.symbol for one in account.positions] == ["BTC"]
    assert hidden_of(account) == [symbol]
    assert account.assumptions == ("its sums are unknown without ETH long",)


@pytest.mark.parametrize(
    "other",
    [
        held("ETH", margin_mode="isolated", position=None),
        held("ETH", settle="USDC", position=None),
        held("ETH", separate_account="xyz", position=None),
    ],
)
def test_unreadable_position_of_another_account_is_not_hidden(other: OpenPosition) -> None:
    """An isolated one, one that settles differently or has a separate account leaves the sums as they are."""
    assert group(held("BTC"), other, USDT=AccountEquity(amount=500))["USDT"].hidden == ()


def test_positions_that_are_not_listed_are_hidden() -> None:
    """What the venue did not list may be in every account."""
    beyond = Hidden("the positions that could not be read", None)
    found = group(held("BTC"), held("BTCUSDC", "USDC"), not_listed=beyond)
    assert [account.hidden for account in found.values()] == [(beyond,), (beyond,)]


def test_equity_in_dollars_backs_all_dollar_tokens() -> None:
    """USDT and USDC settle in one account of dollars, which assumes that a token is worth one."""
    dollars = AccountEquity(amount=500, maintenance_margin=7, in_dollars=True)
    (account,) = group(held("BTC"), held("ETH", "USDC"), USDT=dollars, USDC=dollars).values()
    assert (account.name, len(account.positions), account.hidden) == ("USD", 2, ())
    assert account.backing == AccountEquity(amount=500, maintenance_margin=7)
    assert "a dollar token is taken as one dollar" in account.assumptions[0]


def test_equity_in_dollars_is_converted_for_inverse_contracts() -> None:
    """8,800 dollars at a mark of 110 are 80 coins. What the account holds in dollars moves against the coin.

    So neither account can count the positions of the other, nor can the one in coins know its prices.
    """
    dollars = AccountEquity(amount=8800, wallet_balance=4400, maintenance_margin=110, in_dollars=True)
    found = group(held("BTCUSD", "BTC", contract="inverse"), held("ETH"), BTC=dollars, USDT=dollars)
    backing = found["BTC"].backing
    assert backing is not None
    assert backing.in_dollars is False
    assert (backing.amount, backing.wallet_balance, backing.maintenance_margin) == pytest.approx((80, 40, 1))
    assert hidden_of(found["BTC"]) == ["ETH", "BTCUSD"]
    assert hidden_of(found["USD"]) == ["BTCUSD"]
    assert "converted into BTC at the mark price" in found["BTC"].assumptions[0]


def test_equity_in_dollars_is_unknown_in_other_currencies() -> None:
    """A contract quoted in BTC cannot be compared with dollars, and is hidden from the account of dollars."""
    dollars = AccountEquity(amount=500, in_dollars=True)
    found = group(held("ETHBTC", "BTC"), held("ETH"), BTC=dollars, USDT=dollars)
    assert found["BTC"].backing is None
    assert "equity is not known" in found["BTC"].assumptions[0]
    assert hidden_of(found["USD"]) == ["ETHBTC"]


def test_linear_and_inverse_contracts_of_one_coin_are_apart() -> None:
    """They settle in one currency but cannot be added: each sees the other as hidden."""
    coins = AccountEquity(amount=3)
    accounts = group_positions(
        [held("BTCUSD", "BTC", contract="inverse"), held("ETHBTC", "BTC")], equity_of=lambda _: coins, not_listed=None
    )
    assert [(account.backing, hidden_of(account)) for account in accounts] == [(coins, ["ETHBTC"]), (coins, ["BTCUSD"])]


@pytest.mark.parametrize(
    ("given", "backing"),
    [
        ({"amount": 1.1e15}, None),
        ({"amount": 5, "wallet_balance": -1.1e15}, None),
        ({"amount": -5, "maintenance_margin": 0}, AccountEquity(amount=-5)),
        ({"amount": 5, "maintenance_margin": -1}, AccountEquity(amount=5)),
        ({"amount": 5, "maintenance_margin": 1e-13}, AccountEquity(amount=5)),
        ({"amount": 5, "maintenance_margin": 1e16}, AccountEquity(amount=5)),
    ],
)
def test_figures_beyond_what_can_be_scored_are_unknown(given: dict[str, Any], backing: AccountEquity | None) -> None:
    """The bounds of the request hold for figures of the venue; a maintenance margin of 0 is none."""
    assert group(held("BTC"), USDT=AccountEquity(**given))["USDT"].backing == backing


def test_account_without_requested_positions_is_left_out() -> None:
    """Its equity is not requested."""

    def refuse(settle: str) -> None:
        raise AssertionError(settle)

    assert group_positions([held("BTC", is_requested=False)], equity_of=refuse, not_listed=None) == ()


def test_many_hidden_positions_are_counted() -> None:
    """Three are named, the others counted."""
    others = [held(f"X{number}", position=None) for number in range(5)]
    account = group(held("BTC"), *others, USDT=AccountEquity(amount=5))["USDT"]
    assert account.assumptions == ("its sums are unknown without X0 long, X1 long, X2 long and 2 more",)


def test_position_that_settles_in_an_unknown_currency_is_apart() -> None:
    """No equity is known for it, and it may be in any account."""
    found = group(held("BTC"), held("ETH", settle=None), USDT=AccountEquity(amount=500))
    assert hidden_of(found["USDT"]) == ["ETH"]
    apart = found["of an unknown currency"]
    assert ([one.symbol for one in apart.positions], apart.backing) == (["ETH"], None)
    assert hidden_of(apart) == ["BTC"]
