"""Columns of a book: each row is what the position is on its own."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from adlrisk.domain.queue.book import derive_columns, maintenance_margins
from adlrisk.domain.queue.queue import rank_book
from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.rules.formulas import FORMULAS, queue_key
from support.builders import a_position, book_of, rules, state_of
from support.whole_range import whole_range_positions

NAMES = ("notional", "entry_notional", "unrealized_pnl", "return_on_entry", "margin", "equity", "effective_leverage")
CASES: tuple[dict[str, Any], ...] = (
    {"equity": 30.0},
    {"equity": 10.0},  # as large as the PnL: no margin
    {"equity": 5.0},  # carried by the PnL
    {"equity": 0.0},
    {"equity": -1.0, "margin": 50.0},
    {"equity": 1e-300},
    {"margin": 20.0, "wallet_balance": 500.0},
    {"leverage": 4.0, "wallet_balance": -3.0},
    {"equity": 30.0, "wallet_balance": 0.5, "leverage": 2.0},
)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("basis", ["mark", "entry", None])
def test_each_row_is_its_position(formula: str, basis: Any) -> None:
    """Amounts and keys of equity, wallet balance and maintenance basis are those of the position alone."""
    held = [
        a_position(mark_price=110.0, maintenance_margin_rate=0.1, maintenance_basis=basis, **{"leverage": None, **case})
        for case in CASES
    ]
    card = rules(ranking=Ranking(formula=formula), maintenance_basis="entry")
    book = book_of(held, mark_price=110.0)
    columns = derive_columns(book)
    dues = maintenance_margins(book, columns, default_rate=None, basis="entry")
    ranked = rank_book(book, card).queues["long"]
    keys = dict(zip(ranked.indices.tolist(), ranked.priority.tolist(), strict=False))
    for place, position in enumerate(held):
        state = state_of(position, 0.1, "entry")
        for name in NAMES:
            alone = getattr(state, name)
            assert getattr(columns, name)[place] == alone or (alone is None and np.isnan(getattr(columns, name)[place]))
        assert dues[place] == pytest.approx(11.0 if basis == "mark" else 10.0)
        key = queue_key(
            position, state, formula=formula, confidence="documented", maintenance_margin=float(dues[place])
        )
        assert key is not None
        if key.eligible:
            assert keys[place] == key.priority
        else:
            assert place in ranked.indices[ranked.eligible :]


@given(position=whole_range_positions(leverage=None, margin=None, equity=1.5, wallet_balance=2.5))
def test_a_given_equity_is_the_positions_own_over_the_whole_range(position: Any) -> None:
    """Bit for bit, whatever the prices."""
    book = book_of([position], mark_price=position.mark_price, contract=position.contract, size=position.contract_size)
    columns, state = derive_columns(book), state_of(position)
    assert [getattr(columns, name)[0] for name in NAMES] == [getattr(state, name) for name in NAMES]
    assert columns.wallet_balance[0] == 2.5


def test_keys_of_given_equities_are_told_apart() -> None:
    """Leverages of 10¹⁰ that differ by a millionth are no tie, however large the profit beside the equity is."""
    common: dict[str, Any] = {"entry_price": 1.0, "mark_price": 1e15, "leverage": None}
    held = [a_position(size=2.0, equity=2e5 * (1.0 + 1e-6), **common), a_position(equity=1e5, **common)]
    ranked = rank_book(book_of(held, mark_price=1e15), rules(ranking=Ranking(formula="pnl_leverage"))).queues["long"]
    assert ranked.indices.tolist() == [1, 0]
