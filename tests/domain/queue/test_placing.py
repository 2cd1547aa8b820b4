"""Placing: a position that is not in the book begins in the fifth that the share before it says."""

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


def counted_fifth(held: list[Position], own: Position, *, by_accounts: bool) -> tuple[int | None, dict[str, Any]]:
    """The fifth of ``own`` by counting whose key is higher in the ranked book, and what placing goes by."""
    book = book_of([*held, own], mark_price=100.0)
    ranked = rank_book(book, BY_SIZE)
    queue, state = ranked.queues[own.side], ranked.state
    keys = dict(zip(queue.indices.tolist(), queue.priority.tolist(), strict=False))
    if len(held) not in keys:
        return None, {}
    key = keys[len(held)]
    weight = {index: 1.0 if by_accounts else float(book.size[index]) for index in keys}
    ahead = sum(weight[index] for index, other in keys.items() if other > key and not math.isclose(other, key))
    given = {
        "priority": key,
        "size": own.size,
        "equity": float(state.equity[-1]),
        "equity_terms": float(state.equity_terms[-1]),
    }
    return math.floor(ahead / sum(weight.values()) * 5 + 1e-9) + 1, given


@pytest.mark.parametrize("card", [BY_SIZE, BY_ACCOUNTS], ids=["by size", "by accounts"])
@given(held=st.lists(positions, max_size=LAST), own=positions)
@settings(max_examples=300)
def test_fifth_is_that_of_the_share_with_a_higher_key(card: VenueRules, held: list[Position], own: Position) -> None:
    """Equal keys count as behind it, but for the rounding that their sizes cause."""
    fifth, given_ = counted_fifth(held, own, by_accounts=card is BY_ACCOUNTS)
    if fifth is None:
        return
    assert SideOrder(book_of(held, mark_price=100.0), card, side=own.side).find_fifth(Contender(**given_)) == fifth


def test_front_of_the_queue_is_the_first_fifth_whatever_its_size() -> None:
    """With nobody before it, alone or as 90 % of the queue, it is reduced first."""
    first = Contender(priority=9.0, size=90.0, equity=1.0, equity_terms=1.0)
    for held in ([], [a_position(size=10.0, leverage=5.0, margin=None, mark_price=110.0)]):
        assert SideOrder(book_of(held, mark_price=110.0), BY_SIZE, side="long").find_fifth(first) == 1


def test_one_of_ten_equals_may_be_reduced_first() -> None:
    """Nobody knows the venue's order of equal keys, so each of them counts as the first."""
    held = [a_position(size=10.0, leverage=5.0, margin=None, mark_price=110.0)] * 9
    order = SideOrder(book_of(held, mark_price=110.0), BY_SIZE, side="long")
    key = float(rank_book(book_of(held, mark_price=110.0), BY_SIZE).queues["long"].priority[0])
    own = Contender(priority=key, size=10.0, equity=1.0, equity_terms=1.0)
    assert order.find_fifth(own) == 1
    assert order.find_fifth(msgspec.structs.replace(own, priority=key * 0.99)) == 5


@pytest.mark.parametrize("mechanism", ["queue", "none"])
def test_no_place_is_told_without_a_formula(mechanism: Any) -> None:
    """The refusal names the venue, and asks for no formula: there is no field for one."""
    card = rules(ranking=Ranking(formula=None), mechanism=mechanism, mechanism_note="Made up.")
    with pytest.raises(RefusedError) as refused:
        SideOrder(book_of([], mark_price=100.0), card, side="long")
    assert refused.value.path == ("venue",)
    assert "send `formula`" not in refused.value.detail
