"""What is left after forced fills: only what the list of positions surely shows, by readings from before and after."""

from typing import Any

import pytest

from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.fills.forced import ForcedClose
from adlrisk.positions.open_position import OpenPosition
from adlrisk.watch.reading.remaining import Remaining

NOON = 1_764_331_200.0


def read(size: float) -> AccountReading:
    one = OpenPosition(symbol="BTC", market="BTC", side="long", margin_mode=None, size=size)
    return AccountReading(positions=(one,) if size else (), accounts=(), is_complete=True)


def close(size: float | None, *, seconds_ago: float = 5.0) -> ForcedClose:
    return ForcedClose(id="1", at=NOON - seconds_ago, symbol="BTC", side="long", kind="adl", size=size, price=None)


@pytest.mark.parametrize(
    ("before", "now", "closes", "left"),
    [
        ([10.0], 5.0, [close(5.0)], 5.0),
        ([10.0], 10.0, [close(5.0)], None),
        ([10.0], 7.0, [close(2.0), close(3.0)], None),
        ([10.0], 4.0, [close(2.0), close(3.0)], 4.0),
        ([5.0, 10.0], 5.0, [close(5.0)], 5.0),
        ([10.0, 5.0], 5.0, [close(5.0)], 5.0),
        ([0.3], 0.1, [close(0.2)], 0.1),
        ([0.0], 0.0, [close(5.0)], None),
        ([3.0], 0.0, [close(5.0)], 0.0),
        ([10.0], 5.0, [close(None)], 5.0),
        ([10.0], 5.0, [close(None), close(1.0)], None),
        ([], 5.0, [close(5.0)], None),
        ([], 5.0, [close(5.0, seconds_ago=60.0)], 5.0),
        ([], 5.0, [close(5.0, seconds_ago=60.0), close(1.0, seconds_ago=59.0)], None),
    ],
    ids=[
        "shown",
        "not shown",
        "one of two shown",
        "an own close beside",
        "by the reading before",
        "by the other",
        "sums of decimals",
        "none before and none now",
        "all gone, more than was held",
        "of unknown size",
        "two, one of unknown size",
        "nothing to compare with",
        "a minute ago",
        "one of them a minute ago",
    ],
)
def test_left_is_known_where_the_list_surely_shows_the_closes(
    before: list[float], now: float, closes: list[Any], left: float | None
) -> None:
    """It shrank by at least what was closed, or has had a minute; a reading that failed says nothing."""
    earlier = [read(size) for size in before]
    assert Remaining(now=read(now), before=earlier, at=NOON).find_left(closes) == left
    assert Remaining(now=None, before=earlier, at=NOON).find_left(closes) is None
