"""Queue formulas: hand-computed keys, eligibility, and required fields."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from adlrisk.domain.position.position import Position
from adlrisk.domain.queue.queue import rank_book
from adlrisk.domain.rules.card import Alternative, Ranking
from adlrisk.domain.rules.formulas import FORMULAS, queue_key
from support.builders import a_position, book_of, positions, rules, scored, state_of

# Two linear positions of 1 unit from 100 with margin 10 and maintenance margin 2:
# the winner at 110 (u 10, equity 20, L 5.5), the loser at 95 (u −5, equity 5, L 19).
WINNER: dict[str, Any] = {"entry_price": 100, "mark_price": 110, "margin": 10, "maintenance_margin": 2}
LOSER: dict[str, Any] = {"entry_price": 100, "mark_price": 95, "margin": 10, "maintenance_margin": 2}
BY_HAND = [
    ("pnl_leverage", WINNER, 0.1 * 5.5),
    ("pnl_leverage", LOSER, -0.05 / 19),
    ("pnl_over_margin_ratio", WINNER, 0.1 / (20 / 2)),
    ("pnl_over_margin_ratio", LOSER, -0.05 * (5 / 2)),
    ("profit_times_margin_ratio", WINNER, 10 / 10 * 2 / 20),
    ("profit_times_margin_ratio", LOSER, 0.0),
    ("price_ratio_leverage", WINNER, 1.1 * 5.5),
    ("value_ratio_leverage", WINNER, 1.1 * 10),
    ("value_ratio_leverage", LOSER, 0.95 * 10),
    ("pnl_over_equity", WINNER, 10 / 20),
    # The same winner as an inverse short that mirrors it: entry 1/100, mark 1/110.
    (
        "pnl_leverage",
        {**WINNER, "side": "short", "contract": "inverse", "entry_price": 1 / 100, "mark_price": 1 / 110},
        0.1 * 5.5,
    ),
    # Short from 100 at 80, margin 20: entry/mark 1.25, u 20, equity 40, L 2.
    ("price_ratio_leverage", {"side": "short", "mark_price": 80, "margin": 20}, 1.25 * 2),
    ("value_ratio_leverage", {"side": "short", "mark_price": 80, "margin": 20}, 1.25 * 5),
    # A wallet of less than 1 settlement unit counts as 1: u 10/1 · MM 0.2 / equity 10.5.
    ("profit_times_margin_ratio", {**WINNER, "margin": 0.5, "maintenance_margin": 0.2}, 10 / 1 * 0.2 / 10.5),
    # Hyperliquid, documented formula: mark 110, entry 100, notional 1,100, account value 210.
    ("price_ratio_leverage", {"size": 10, "entry_price": 100, "mark_price": 110, "margin": 110}, 5.761905),
    # WhiteBIT's first trader: profit 35,000 on 5 at 42,000, rating 0.26, so that the equity is 35,000/0.26.
    ("pnl_over_equity", {"size": 5, "entry_price": 35000, "mark_price": 42000, "equity": 35000 / 0.26}, 0.26),
    # BitMEX's inverse example: entry 60,000, mark 62,000, bankruptcy 54,545.45.
    (
        "pnl_leverage",
        {"contract": "inverse", "entry_price": 60000, "mark_price": 62000, "leverage": 10},
        0.23603445,
    ),
]


@pytest.mark.parametrize(("formula", "fields", "expected"), BY_HAND)
def test_keys_match_manual_results(formula: str, fields: dict[str, Any], expected: float) -> None:
    """Each formula gives the value of its definition, computed by hand."""
    queue = scored(a_position(**fields), ranking=Ranking(formula=formula)).queue
    assert queue is not None
    assert queue.eligible
    assert queue.priority == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("formula", FORMULAS)
def test_an_insolvent_position_is_not_eligible(formula: str) -> None:
    """At equity 0 a position is not eligible, whatever else is known about it."""
    queue = scored(a_position(mark_price=90.0, margin=10.0), ranking=Ranking(formula=formula)).queue
    assert queue is not None
    assert (queue.eligible, queue.priority) == (False, None)
    assert (queue.formula, queue.confidence) == (formula, "documented")


def test_price_ratio_ranks_winners_only() -> None:
    """A position without profit is not in a queue that holds only winners."""
    for mark in (100.0, 95.0):
        queue = scored(a_position(mark_price=mark), ranking=Ranking(formula="price_ratio_leverage")).queue
        assert queue is not None
        assert not queue.eligible


@pytest.mark.parametrize("formula", [name for name, kind in FORMULAS.items() if kind.needs_maintenance_margin])
def test_a_missing_maintenance_margin_makes_the_key_unknown(formula: str) -> None:
    """Without the required maintenance margin, or with one of 0, the key is unknown and the answer says why."""
    for fields in ({}, {"maintenance_margin_rate": 0.01, "maintenance_amount": 1e6}):
        answer = scored(a_position(mark_price=110, **fields), ranking=Ranking(formula=formula))
        assert answer.queue is None
        assert "maintenance_margin_rate" in answer.missing


def test_binance_losers_need_no_maintenance_margin() -> None:
    """A loser's key is 0 whatever its maintenance margin, so it is not required."""
    answer = scored(a_position(mark_price=95), ranking=Ranking(formula="profit_times_margin_ratio"))
    assert answer.queue is not None
    assert (answer.queue.priority, answer.queue.eligible) == (0.0, True)
    assert "maintenance_margin_rate" not in answer.missing


def test_the_absolute_maintenance_margin_overrides_the_rate() -> None:
    """If both are given, the absolute amount counts; from the rate alone it is value times rate less the deduction."""
    ranking = Ranking(formula="profit_times_margin_ratio")
    both = scored(a_position(**WINNER, maintenance_margin_rate=0.5), ranking=ranking).queue
    rate = {**WINNER, "maintenance_margin": None, "maintenance_margin_rate": 0.02, "maintenance_amount": 0.2}
    computed = scored(a_position(**rate), ranking=ranking).queue
    assert both is not None
    assert computed is not None
    assert both.priority == pytest.approx(0.1)
    assert computed.priority == pytest.approx(10 / 10 * (110 * 0.02 - 0.2) / 20)


@pytest.mark.parametrize("formula", FORMULAS)
@given(position=positions(maintenance_margin=1.0))
def test_more_margin_never_moves_a_winner_forward(formula: str, position: Position) -> None:
    """The advice to add margin holds: a winner's key never rises with its margin."""
    keys = []
    for factor in (1.0, 2.0):
        state = state_of(position)
        moved = msgspec.structs.replace(position, margin=state.margin * factor)
        key = queue_key(moved, state_of(moved), formula=formula, confidence="documented", maintenance_margin=1.0)
        keys.append(key.priority if key and state.return_on_entry > 0.0 and key.eligible else None)
    if None not in keys:
        assert keys[1] <= keys[0] * (1 + 1e-12)  # type: ignore[operator]  # not None


def test_an_unknown_formula_gives_no_key() -> None:
    """If the venue's formula is unknown there is no key, and no field is missing."""
    answer = scored(a_position(), mechanism_note="A queue.", ranking=Ranking())
    assert answer.queue is None
    assert "maintenance_margin_rate" not in answer.missing


def test_the_venue_rate_is_the_default_maintenance_rate() -> None:
    """A venue's single maintenance rate is used if the position has none; the position's own takes precedence."""
    card: dict[str, Any] = {"ranking": Ranking(formula="pnl_over_margin_ratio"), "maintenance_margin_rate": 0.02}
    left_out = a_position(mark_price=110, margin=10)
    answer = scored(left_out, **card)
    assert answer.state.liquidation_price == pytest.approx((100 - 10) / (1 - 0.02))
    assert answer.queue is not None
    assert answer.queue.priority == pytest.approx(0.1 * (110 * 0.02) / 20)
    assert "maintenance_margin_rate" not in answer.missing
    own = scored(msgspec.structs.replace(left_out, maintenance_margin_rate=0.01), **card)
    assert own.queue is not None
    assert own.queue.priority == pytest.approx(0.1 * (110 * 0.01) / 20)
    book = book_of([left_out, msgspec.structs.replace(left_out, maintenance_margin_rate=0.01)], mark_price=110.0)
    ranked = rank_book(book, rules(**card)).queues["long"]
    assert ranked.priority.tolist() == [answer.queue.priority, own.queue.priority]


@pytest.mark.parametrize(("wallet", "key"), [(None, 0.5), (1000.0, 0.05), (0.5, 50.0), (-5.0, 50.0)])
def test_the_wallet_balance_replaces_the_margin_in_binances_key(wallet: float | None, key: float) -> None:
    """Short 10 from 150 at 100 with equity 600 and maintenance margin 60: 500/max(1, W) · 60/600, W else the margin."""
    position = a_position(side="short", size=10.0, entry_price=150.0, equity=600.0, wallet_balance=wallet)
    found = queue_key(
        position,
        state_of(position),
        formula="profit_times_margin_ratio",
        confidence="documented",
        maintenance_margin=60.0,
    )
    assert found is not None
    assert found.priority == pytest.approx(key, rel=1e-13)


@pytest.mark.parametrize(("equity", "eligible"), [(10.0, False), (5.0, False), (10.5, True)])
def test_value_over_margin_needs_a_margin(equity: float, eligible: bool) -> None:
    """A winner that its own profit of 10 carries has no key by which it could be sorted; other formulas have one."""
    position = a_position(mark_price=110.0, equity=equity)
    keys = {
        formula: queue_key(
            position, state_of(position), formula=formula, confidence="documented", maintenance_margin=1.0
        )
        for formula in FORMULAS
    }
    for formula, key in keys.items():
        assert key is not None
        assert key.eligible is (eligible or formula != "value_ratio_leverage")
        assert (key.priority is not None) is key.eligible


@pytest.mark.parametrize("formula", FORMULAS)
def test_an_unknown_equity_leaves_the_key_unknown(formula: str) -> None:
    """Unknown is not insolvent: there is no answer instead of one that says not eligible."""
    position = a_position(leverage=None)
    assert queue_key(position, state_of(position), formula=formula, confidence=None, maintenance_margin=1.0) is None


def test_a_disputed_ranking_shows_the_other_keys() -> None:
    """Beside the venue's key stand those of other sources: mark/entry · L = 1.1 · 11/3, p·L = 0.1 · 11/3."""
    others = (
        Alternative(formula="pnl_leverage", confidence="secondary", note="Otherwise.", source="Others."),
        Alternative(formula="pnl_over_margin_ratio", confidence="inferred", note="Otherwise.", source="Others."),
    )
    card: dict[str, Any] = {
        "confidence": "disputed", "alternatives": others, "ranking": Ranking(formula="price_ratio_leverage"),
    }  # fmt: skip
    queue = scored(a_position(mark_price=110, margin=20), **card).queue
    assert queue is not None
    assert queue.priority == pytest.approx(1.1 * 11 / 3)
    assert queue.confidence == "disputed"
    by_leverage, by_margin = queue.alternatives
    assert (by_leverage.formula, by_leverage.confidence) == ("pnl_leverage", "secondary")
    assert by_leverage.priority == pytest.approx(0.1 * 11 / 3)
    assert by_leverage.eligible is True
    assert (by_margin.priority, by_margin.eligible) == (None, None)  # it needs a maintenance margin


def test_a_loser_is_in_the_other_queue_all_the_same() -> None:
    """Whether a position is in the queue is decided by each formula for itself."""
    others = (Alternative(formula="pnl_leverage", confidence="secondary", note="Otherwise.", source="Others."),)
    queue = scored(
        a_position(mark_price=90, margin=20), alternatives=others, ranking=Ranking(formula="price_ratio_leverage")
    ).queue
    assert queue is not None
    assert (queue.eligible, queue.priority) == (False, None)
    assert queue.alternatives[0].eligible is True
    assert queue.alternatives[0].priority == pytest.approx(-0.1 / 9)
