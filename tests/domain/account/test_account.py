"""A margin account of cross legs: figures, and prices at which all legs of a symbol move together."""

from typing import Any

import pytest

from adlrisk.domain.account.account import MarginAccount
from adlrisk.domain.account.figures import CommonMove, GivenFigures
from adlrisk.domain.account.legs import AccountLeg, measure_leg
from support.builders import a_position, rules


def a_leg(symbol: str = "BTC", underlying: str | None = None, **given: Any) -> AccountLeg:
    """A leg without backing of its own: long 1 at 50,000 with a rate of 0.4 %, changed by ``given``."""
    own = {"entry_price": 50_000.0, "mark_price": 50_000.0, "maintenance_margin_rate": 0.004, **given, "margin": None}
    return measure_leg(a_position(**own), rules(), symbol=symbol, underlying=underlying or symbol)


def an_account(*legs: AccountLeg, unreadable: int = 0, hidden: Any = frozenset(), **given: float) -> MarginAccount:
    """An account of ``legs`` with these figures."""
    return MarginAccount(legs=legs, given=GivenFigures(**given), unreadable=unreadable, hidden_symbols=hidden)


SHORT: dict[str, Any] = {"side": "short", "size": 0.9}


def test_a_hedge_is_liquidated_by_its_net_size() -> None:
    """Long 1 and short 0.9 with 1,000: 1,000 + 0.1·(P − 50,000) = 0.0076·P at 43,290.04; bankrupt at 40,000."""
    long, short = a_leg(), a_leg(**SHORT)
    account = an_account(long, short, wallet_balance=1000.0)
    bankruptcy, liquidation = account.prices(long)
    assert bankruptcy == pytest.approx(40_000, rel=1e-13)
    assert liquidation == pytest.approx(4000 / 0.0924, rel=1e-13)
    assert account.prices(short) == (None, None)


def test_an_inverse_hedge_is_liquidated_by_its_net_size() -> None:
    """In reciprocals: long 100,000 and short 40,000 at 50,000 with 0.5: 0.5 − 60,000·(r − 1/M) = 560·r."""
    inverse: dict[str, Any] = {"contract": "inverse"}
    long, short = a_leg(size=100_000.0, **inverse), a_leg(side="short", size=40_000.0, **inverse)
    account = an_account(long, short, equity=0.5)
    _, liquidation = account.prices(long)
    assert liquidation == pytest.approx(60_560 / (0.5 + 1.2), rel=1e-13)
    assert account.prices(short)[1] is None


def test_figures_are_sums_over_the_legs() -> None:
    """Two symbols, of which one hedges the other: gross adds up, net cancels."""
    long = a_leg("BTC", "B", size=2.0, mark_price=51_000.0)
    short = a_leg("BTC-2", "B", side="short", mark_price=52_000.0)
    figures = an_account(long, short, wallet_balance=10_000.0).figures
    assert (figures.equity, figures.wallet_balance) == (10_000.0, 10_000.0)  # + 2,000 − 2,000
    assert figures.maintenance_margin == pytest.approx(0.004 * 154_000)
    assert (figures.gross_notional, figures.net_notional) == (154_000.0, 50_000.0)
    assert (figures.gross_leverage, figures.net_leverage) == (15.4, 5.0)
    assert figures.margin_free == pytest.approx(10_000 - 616)
    assert figures.missing == ()


def test_equity_decides_over_wallet_balance() -> None:
    """With equity alone the wallet balance is equity less PnL; with both, both stay as they are."""
    leg = a_leg(mark_price=51_000.0)
    assert an_account(leg, equity=500.0).wallet_balance == -500.0
    both = an_account(leg, equity=500.0, wallet_balance=1.0)
    assert (both.equity, both.wallet_balance) == (500.0, 1.0)


def test_a_negligible_balance_is_none() -> None:
    """What no venue's amount can be is 0, and leverage is undefined, not infinite."""
    for account in (an_account(a_leg(), equity=1e-300), an_account(a_leg(), wallet_balance=-5e-324)):
        assert account.equity == 0.0
        assert account.figures.gross_leverage is None


def test_equity_that_is_rounding_is_none() -> None:
    """A wallet balance of 0.1 beside a PnL of ±10¹⁵ counts as 0."""
    legs = [a_leg(size=1e12, entry_price=1000.0, mark_price=2000.0, side=side) for side in ("long", "short")]
    assert an_account(*legs, wallet_balance=0.1).equity == 0.0


@pytest.mark.parametrize("given", [{"wallet_balance": 1000.0}, {"equity": 1000.0}])
def test_an_unreadable_leg_leaves_figures_unknown(given: dict[str, Any]) -> None:
    """Whatever needs all legs is null; equity is known only if it was sent."""
    figures = an_account(a_leg(), unreadable=1, hidden=frozenset({"ETH"}), **given).figures
    assert figures.equity == given.get("equity")
    assert figures.maintenance_margin is figures.gross_notional is figures.net_notional is None
    assert figures.nearest_liquidation is None
    assert "positions" in figures.missing


def test_an_unreadable_leg_of_another_symbol_leaves_prices_known() -> None:
    """With equity and maintenance margin sent, only prices of the unreadable leg's symbol are unknown."""
    leg = a_leg()
    for hidden, known in ((frozenset({"ETH"}), True), (frozenset({"BTC"}), False), (frozenset({None}), False)):
        account = an_account(leg, unreadable=1, hidden=hidden, equity=1000.0, maintenance_margin=300.0)
        assert (account.prices(leg)[1] is not None) is known


def test_a_maintenance_margin_below_the_legs_own_tells_nothing_beside_an_unreadable_leg() -> None:
    """It scales the maintenance margins of all legs by one quotient, which is unknown while one of them is."""
    leg = a_leg()
    own = leg.maintenance
    assert own is not None
    for sent, known in ((own * 0.9, False), (own * 1.1, True)):
        account = an_account(leg, unreadable=1, hidden=frozenset({"ETH"}), equity=1000.0, maintenance_margin=sent)
        assert (account.prices(leg)[1] is not None) is known
        assert account.knows_liquidation(leg) is known


def test_an_account_without_cross_legs_is_not_due() -> None:
    """There is nothing to liquidate, whatever balance and maintenance margin were sent."""
    empty: tuple[dict[str, Any], ...] = (
        {"wallet_balance": 0.0},
        {"wallet_balance": 100.0, "maintenance_margin": 200.0},
    )
    for given in empty:
        figures = an_account(**given).figures
        assert figures.nearest_liquidation == CommonMove(falls=None, rises=None)


def test_an_account_that_is_due_is_liquidated_at_the_mark() -> None:
    """Where equity does not exceed maintenance margin, every leg's price is its mark, and no move is needed."""
    long, short = a_leg(), a_leg(**SHORT)
    account = an_account(long, short, equity=380.0)  # 0.004 · 95,000
    assert account.is_due
    assert account.prices(long)[1] == account.prices(short)[1] == 50_000.0
    assert account.figures.nearest_liquidation == CommonMove(falls=0.0, rises=0.0)
    assert account.figures.margin_ratio == 1.0


def test_a_given_maintenance_margin_below_the_legs_scales_them() -> None:
    """100 in place of 200: 1,000 + (P − 50,000) = 0.002·P."""
    leg = a_leg()
    _, liquidation = an_account(leg, a_leg("ETH", size=1e-6), equity=1000.0, maintenance_margin=100.0).prices(leg)
    assert liquidation == pytest.approx(49_000 / 0.998, rel=1e-8)


def test_common_moves_are_those_of_all_marks() -> None:
    """Long 1 and short 0.9: a fall of 13.42 %; an inverse account's fall is that of its prices."""
    moves = an_account(a_leg(), a_leg("ETH", **SHORT), wallet_balance=1000.0).figures.nearest_liquidation
    assert moves is not None
    assert moves.falls == pytest.approx(4000 / 0.0924 / 50_000 - 1, rel=1e-12)
    assert moves.rises is None
    inverse = an_account(a_leg(size=50_000.0, contract="inverse"), equity=0.5).figures.nearest_liquidation
    assert inverse is not None
    assert inverse.falls == pytest.approx(1.004 / 1.5 - 1, rel=1e-12)  # 0.5 + 1 − t = 0.004·t


def test_a_fall_to_nothing_is_none() -> None:
    """An inverse long so small that its price would have to fall by 100 % in double precision has no common fall."""
    moves = an_account(a_leg(size=1e-12, contract="inverse"), equity=1e6).figures.nearest_liquidation
    assert moves == CommonMove(falls=None, rises=None)
