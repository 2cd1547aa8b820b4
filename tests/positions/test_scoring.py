"""Open positions scored as legs of their accounts. Expectations are those of the contract of ``POST /account``."""

from typing import Any

import pytest

from adlrisk.domain.position.position import Position
from adlrisk.library import catalogue
from adlrisk.positions.cross_accounts import CrossAccount, Hidden, group_positions
from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.positions.report import as_table
from adlrisk.positions.scoring import ScoredPositions, score_all
from support.running import WEDNESDAY


def held(symbol: str = "BTCUSDT", *, is_requested: bool = True, mode: Any = "cross", **given: Any) -> OpenPosition:
    """A cross position of 1 at 50,000 with a maintenance margin rate of 0.4 %."""
    fields: dict[str, Any] = {"side": "long", "size": 1, "entry_price": 50000, "mark_price": 50000}
    position = Position(**{**fields, "maintenance_margin_rate": 0.004, **given})
    return OpenPosition(
        symbol=symbol,
        market=symbol,
        side=position.side,
        margin_mode=mode,
        currencies=Currencies(base=symbol[:3], quote="USDT", settle="USDT"),
        position=position,
        is_requested=is_requested,
    )


def score(
    *positions: OpenPosition, venue: str = "generic", equity: AccountEquity | None = None, hidden: Hidden | None = None
) -> ScoredPositions:
    accounts: tuple[CrossAccount, ...] = group_positions(positions, equity_of=lambda _: equity, not_listed=hidden)
    return score_all(positions, accounts, venue=venue, venues=catalogue(), now=WEDNESDAY)


def state_of(scored: ScoredPositions, index: int) -> Any:
    answer = scored.positions[index].answer
    assert answer is not None
    return answer.state


def test_both_sides_of_a_contract_move_together() -> None:
    """Long 1 and short 0.9 at 50,000 on 1,000, maintenance 0.4 %: the long ends at 43,290.04, the short never."""
    scored = score(held(), held(side="short", size=0.9), equity=AccountEquity(amount=1000))
    long, short = state_of(scored, 0), state_of(scored, 1)
    assert long.liquidation_price == pytest.approx(43290.04, abs=0.005)
    assert long.bankruptcy_price == pytest.approx(40000)
    assert (short.liquidation_price, short.bankruptcy_price) == (None, None)


def test_contracts_of_one_coin_hedge_each_other() -> None:
    """Long 1 in USDT and short 0.9 in another contract of BTC: gross 95,000 and net 5,000 on 10,000."""
    scored = score(held(), held("BTCUSDC", side="short", size=0.9), equity=AccountEquity(amount=10000))
    (account,) = scored.accounts
    assert (account.figures.gross_leverage, account.figures.net_leverage) == (9.5, 0.5)


def test_positions_that_were_not_requested_count_and_are_not_shown() -> None:
    """The leverage is that of both; an account of others only has no line."""
    scored = score(held(), held("ETHUSDT", is_requested=False), equity=AccountEquity(amount=10000))
    (one,), (account,) = scored.positions, scored.accounts
    assert one.answer is not None
    assert (one.held.symbol, one.answer.signals[0].value, account.figures.gross_leverage) == ("BTCUSDT", 10, 10)
    assert score(held("ETHUSDT", is_requested=False)).accounts == ()


def test_hidden_position_of_any_contract_leaves_prices_unknown() -> None:
    """It might be of the same contract; leverage and share of profit of the one that is known stay."""
    scored = score(held(entry_price=49000), equity=AccountEquity(amount=10000), hidden=Hidden("others", None))
    state = state_of(scored, 0)
    assert (state.effective_leverage, state.profit_share) == (5, 0.1)
    assert (state.bankruptcy_price, state.liquidation_price) == (None, None)
    assert scored.accounts[0].figures.gross_leverage is None


def test_wallet_balance_of_the_venue_is_used() -> None:
    """Binance's key is 10,000/40,000 · 250/25,000, profit over wallet by maintenance over equity.

    Others have lost 25,000, which is not known of what is hidden.
    """
    backing = AccountEquity(amount=25000, wallet_balance=40000, maintenance_margin=250)
    scored = score(held(entry_price=40000), venue="binance", equity=backing, hidden=Hidden("others", None))
    answer = scored.positions[0].answer
    assert answer is not None
    assert answer.queue is not None
    assert answer.queue.priority == pytest.approx(10000 / 40000 * 250 / 25000)


def test_unknown_margin_mode_hides_the_position_from_its_account() -> None:
    """It is scored without margin, and the account's sums are unknown."""
    scored = score(held(), held("ETHUSDT", mode=None), equity=AccountEquity(amount=10000))
    first, second = scored.positions
    assert first.answer is not None
    assert second.answer is not None
    assert (first.margin_basis, second.margin_basis) == ("account", "unknown")
    assert first.answer.signals[0].fired is None
    assert "margin" in second.answer.missing
    assert "unknown without ETHUSDT long" in first.assumptions[0]


def test_margin_mode_and_currency_reach_the_scored_position() -> None:
    """Each position is scored in the mode that the venue gives, and an unknown one stays unknown."""
    modes = ("cross", "isolated", None)
    scored = score(*(held(f"{name}USDT", mode=mode) for name, mode in zip(("BTC", "ETH", "SOL"), modes, strict=True)))
    positions = [one.position for one in scored.positions]
    assert [position and position.margin_mode for position in positions] == list(modes)
    assert [position and position.settlement for position in positions] == ["USDT"] * 3


def test_positions_that_contradict_each_other_are_not_scored() -> None:
    """Legs of one symbol with two contract sizes refuse their account, with the reason; others are scored."""
    scored = score(held(), held(contract_size=10), held("ETHUSDT", mode="isolated", margin=5000))
    first, second, third = scored.positions
    for one in (first, second):
        assert (one.answer, one.margin_basis) == (None, "unknown")
        assert "one of them is wrong" in str(one.not_scored_reason)
    assert (third.margin_basis, scored.accounts) == ("isolated", ())


@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_refused_position_does_not_stop_the_others(mode: str) -> None:
    """A reading off the scale refuses its own position, which counts in the account nevertheless."""
    scored = score(held(), held("ETHUSDT", mode=mode, adl_meter=17), venue="okx", equity=AccountEquity(amount=10000))
    first, second = scored.positions
    assert "adl cannot read 17" in str(second.not_scored_reason)
    assert first.answer is not None
    assert first.answer.signals[0].value == (10 if mode == "cross" else 5)


@pytest.mark.parametrize(
    ("positions", "amount", "expected"),
    [
        (
            [held()],
            5000,
            "margin ratio 4 %, gross leverage 10×, net leverage 10×, liquidation if all marks fall by 9.63",
        ),
        ([held()], 150, "liquidation is due"),  # below a maintenance margin of 200: it is due
        ([held(), held("BTCUSDC", side="short")], 60000, "no liquidation if all marks move together"),
        ([held(maintenance_margin_rate=None)], 5000, "margin ratio unknown, gross leverage 10×"),
        (
            [held(), held("ETHUSDT", mode=None)],
            5000,
            "gross leverage unknown, net leverage unknown, liquidation unknown",
        ),
    ],
)
def test_account_has_a_line(positions: list[OpenPosition], amount: float, expected: str) -> None:
    """It shows numbers, or words where there are none."""
    table = as_table(score(*positions, venue="okx", equity=AccountEquity(amount=amount)))
    (line,) = [line for line in table.splitlines() if line.startswith(f"account USDT: equity {amount}, margin ratio ")]
    assert expected in line
