"""Underlyings: which leg is taken first, and what would be left."""

from typing import Any

import pytest

from adlrisk.domain.account.underlyings import Hedge, describe_underlying, find_first


def a_hedge(id_: str, notional: float = 100.0, **given: Any) -> Hedge:
    """A leg that could be scored, changed by ``given``."""
    return Hedge(**{"id": id_, "signed_notional": notional, "band": "low", **given})


@pytest.mark.parametrize(
    ("a", "b", "first"),
    [
        ({"meter": 0.2, "band": "high"}, {"meter": 0.9}, "b"),  # by meter where both have one
        ({"meter": 0.2, "band": "high"}, {"priority": 9.0}, "a"),  # else by band
        ({"band": "watch"}, {"band": "high"}, "b"),
        ({"priority": 1.0}, {"priority": 2.0}, "b"),  # by key within a band
        ({"priority": -1.0}, {"priority": None}, "a"),  # null last, whatever its sign
        ({"notional": 100.0}, {"notional": -200.0}, "b"),  # by size
        ({}, {}, "a"),  # by id
        ({"meter": 0.5, "priority": 1.0}, {"meter": 0.5, "priority": 2.0}, "b"),
    ],
)
def test_the_likelier_leg_is_first(a: dict[str, Any], b: dict[str, Any], first: str) -> None:
    """Meter, band, key, notional and id decide, in this order and in any order of the legs."""
    legs = [a_hedge("a", **a), a_hedge("b", **b)]
    for order in (legs, legs[::-1]):
        found = find_first(order)
        assert found is not None
        assert found.id == first


def test_no_leg_is_first_while_one_cannot_be_compared() -> None:
    """A leg that could not be scored may be the likelier one, however large or small it is."""
    assert find_first([a_hedge("a", band=None, notional=1.0), a_hedge("b", band="high")]) is None


def described(*legs: Hedge, **given: Any) -> Any:
    """The underlying of ``legs``, in an account of equity 1,000 where fills are at mark."""
    return describe_underlying(legs, **{"name": "B", "equity": 1000.0, "is_complete": True, **given})


def test_what_is_left_is_the_sum_of_the_others() -> None:
    """The first leg's notional leaves the net, and a fill at mark leaves the equity as it is."""
    group = described(a_hedge("long", 100.0, priority=2.0), a_hedge("short", -90.0, priority=1.0))
    assert (group.net_notional, group.legs, group.first) == (10.0, ("long", "short"), "long")
    assert (group.if_taken.net_notional_after, group.if_taken.equity_after) == (-90.0, 1000.0)


def test_an_isolated_leg_releases_its_margin() -> None:
    """Closing it at mark adds its own equity to the account's; unknown if that is."""
    assert described(a_hedge("a", released=50.0)).if_taken.equity_after == 1050.0
    assert described(a_hedge("a", released=None)).if_taken.equity_after is None


def test_equity_after_is_unknown_without_equity_or_the_price() -> None:
    """Where equity is unknown, or the venue fills at another price than mark, it is null."""
    assert described(a_hedge("a"), equity=None).if_taken.equity_after is None


@pytest.mark.parametrize("is_complete", [True, False])
def test_a_hidden_leg_leaves_net_notional_unknown(is_complete: bool) -> None:
    """A leg of unknown size leaves the net, and what is left of it, unknown."""
    group = described(a_hedge("a"), is_complete=is_complete)
    assert (group.net_notional is not None) is is_complete
    assert (group.if_taken.net_notional_after is not None) is is_complete


def test_without_a_scored_leg_none_is_first() -> None:
    """No leg could be scored: there is no first, and nothing to be left."""
    group = described(a_hedge("a", band=None))
    assert (group.first, group.if_taken) == (None, None)
