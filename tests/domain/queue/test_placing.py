"""Placing: a position that is not in the book stands where ranking would put it, were it the book's last."""

import math
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.queue.placing import Contender, SideOrder
from adlrisk.domain.queue.queue import rank_book
from adlrisk.domain.rules.card import Ranking, VenueRules
from support.builders import LEVELS, a_position, book_of, rules

BY_SIZE = rules()
BY_ACCOUNTS = rules(
    ranking=Ranking(formula="pnl_leverage"), meter=msgspec.structs.replace(LEVELS, weighting="accounts")
)
LAST = 60  # positions in a book, at most

positions = st.builds(
    a_position,
    side=st.sampled_from(("long", "short")),
    size=st.integers(1, 40).map(float),
    entry_price=st.sampled_from((80.0, 95.0, 100.0, 105.0, 120.0)),
    mark_price=st.just(100.0),
    leverage=st.sampled_from((2.0, 3.0, 5.0, 19.999999999)),
    margin=st.none(),
)


def ranked_fifth(held: list[Position], own: Position, card: VenueRules) -> tuple[int | None, dict[str, Any]]:
    """The fifth of ``own`` as the last of the book, and what placing goes by."""
    book = book_of([*held, own], mark_price=100.0)
    ranked = rank_book(book, card)
    queue, state = ranked.queues[own.side], ranked.state
    place = queue.indices.tolist().index(len(held))
    if place >= queue.eligible:
        return None, {}
    given = {
        "priority": float(queue.priority[place]),
        "size": own.size,
        "equity": float(state.equity[-1]),
        "equity_terms": float(state.equity_terms[-1]),
    }
    return math.ceil(queue.percentile[place] * 5 - 1e-9), given


@pytest.mark.parametrize("card", [BY_SIZE, BY_ACCOUNTS], ids=["by size", "by accounts"])
@given(held=st.lists(positions, max_size=LAST), own=positions)
@settings(max_examples=300)
def test_place_is_that_of_the_ranked_book(card: VenueRules, held: list[Position], own: Position) -> None:
    """Also among ties, where the larger comes first, then the earlier."""
    fifth, given_ = ranked_fifth(held, own, card)
    if fifth is None:
        return
    assert SideOrder(book_of(held, mark_price=100.0), card, side=own.side).find_fifth(Contender(**given_)) == fifth


def test_tie_with_a_larger_position_stands_behind_it() -> None:
    """Of equal keys, 60 of 100 contracts are reduced before 40, and 40 before 30: fifths 5 and 4 of 5."""
    held = [a_position(size=60.0, leverage=5.0, margin=None, mark_price=110.0)]
    own = Contender(priority=0.0, size=40.0, equity=1.0, equity_terms=1.0)
    order = SideOrder(book_of(held, mark_price=110.0), BY_SIZE, side="long")
    key = float(rank_book(book_of(held, mark_price=110.0), BY_SIZE).queues["long"].priority[0])
    assert order.find_fifth(msgspec.structs.replace(own, priority=key)) == 5
    assert order.find_fifth(msgspec.structs.replace(own, priority=key, size=90.0)) == 3


def test_place_in_an_empty_book_is_the_whole_queue() -> None:
    """One alone is the last fifth as it is the first: its share of the queue is 1."""
    order = SideOrder(book_of([], mark_price=100.0), BY_SIZE, side="long")
    assert order.find_fifth(Contender(priority=1.0, size=1.0, equity=1.0, equity_terms=1.0)) == 5


@pytest.mark.parametrize("mechanism", ["queue", "none"])
def test_no_place_is_told_without_a_formula(mechanism: Any) -> None:
    """The refusal names the venue, and asks for no formula: there is no field for one."""
    card = rules(ranking=Ranking(formula=None), mechanism=mechanism, mechanism_note="Made up.")
    with pytest.raises(RefusedError) as refused:
        SideOrder(book_of([], mark_price=100.0), card, side="long")
    assert refused.value.path == ("venue",)
    assert "send `formula`" not in refused.value.detail
