"""Readings that are not whole: what they do not show is not over."""

from adlrisk.watch.reading.observed import OversizedOrder
from support.watch.made_readings import follow, force, observe, read, titles

LIST, OTHER = "the forced orders", "the liquidations"


def test_position_that_an_incomplete_reading_lacks_is_kept() -> None:
    """Only two complete readings without a position say that it is gone, and an incomplete one between is neither."""
    high, part, whole = read(observe("high", distance=0.04)), read(is_complete=False), read()
    state, told = follow([high, part, part, part])
    assert [len(each) for each in told] == [2, 0, 0, 0]
    assert state.positions[0].standing.text == "high"
    assert titles([whole, part, whole], state=state) == [[], [], [", BTCUSDT long: closed (ADL score was high)"]]
    assert titles([high], state=state) == [[]]


def test_incomplete_start_keeps_what_it_does_not_see() -> None:
    """A position that was kept and is not seen at the start is named as such, and told as closed once it surely is."""
    state, _ = follow([read(observe("high"))])
    state, told = follow([read(is_complete=False)], state=state, is_start=True)
    assert told[0][0].body == "BTCUSDT long: not seen now, and it may still be open"
    assert titles([read(), read()], state=state) == [[], [", BTCUSDT long: closed (ADL score was high)"]]


def test_closed_while_fills_were_not_read_is_no_recovery() -> None:
    """The end of a position whose fills could not be read says that an ADL may have taken it."""
    for blind in (read(unread_fills=(LIST,)), read(until=None)):
        _, told = follow([read(observe("high")), read(), blind])
        closed = next(each for each in told[2] if "closed" in each.title)
        assert (closed.severity, closed.body) == (
            "notice", "Its fills could not be read, so whether an ADL took it is not known.",
        )  # fmt: skip
    _, told = follow([read(observe("high")), read(unread_fills=(LIST,)), read()])
    assert [(each.severity, each.body) for each in told[2]] == [("recovery", "")]


def test_unread_fills_are_told_after_two_readings() -> None:
    """A list of fills that two readings in a row could not read is told, whatever the reasons, and so is its end."""
    no, slow, both = (f"{LIST} (429)",), (f"{LIST} (timeout)",), (f"{LIST} (429)", f"{OTHER} (429)")
    lists = [no, (), slow, no, no, both, both, slow, slow, (), no, (), ()]
    told = titles([read(unread_fills=each) for each in lists])
    assert {number: each for number, each in enumerate(told) if each} == {
        3: [f": an ADL would not be seen now: {LIST} (429) cannot be read"],
        6: [f": an ADL would not be seen now: {OTHER} (429) cannot be read"],
        8: [f": {OTHER} can be read again, so an ADL is seen there"],
        12: [f": {LIST} can be read again, so an ADL is seen there"],
    }
    _, messages = follow([read(unread_fills=each) for each in lists])
    assert [messages[number][0].severity for number in (3, 8)] == ["warning", "recovery"]
    assert messages[8][0].body == f"Still not read: {LIST} (429)."


def test_unread_fills_of_a_start_are_told_with_it() -> None:
    """The start says which lists of fills cannot be read; they are not told again, and their end is."""
    no = read(unread_fills=(LIST,))
    _, told = follow([no, no, no, read(), read()], is_start=True)
    assert told[0][0].body == f"An ADL would not be seen now: {LIST} cannot be read."
    assert [len(each) for each in told] == [1, 0, 0, 0, 1]


def test_what_a_fill_left_is_told_once_it_is_known() -> None:
    """A fill told without what it left is completed once, if orders are too large then or nothing is left."""
    unknown = force(1, left=None, oversized_orders=None)
    state, told = follow([read(observe("high")), read(observe("high"), forced_fills=(unknown,))])
    assert told[1][0].title.endswith("ADL closed 3 contracts at 64000, what is left is not known yet")
    assert "Another message comes if they are, or if nothing is left." in told[1][0].body
    gone = read(forced_fills=(force(1, left=0.0),))
    _, told = follow([read(observe("high"), forced_fills=(unknown,)), gone, gone, gone], state=state)
    assert [[each.severity for each in messages] for messages in told] == [[], ["emergency"], [], []]
    assert told[1][0].title == ("main on binance, BTCUSDT long: nothing left after the ADL of 2026-11-28 12:00:00 UTC")
    both = read(forced_fills=(force(1, left=0.0), force(2, left=0.0)))
    assert titles([both], state=state) == [[", BTCUSDT long: ADL closed 3 contracts at 64000, nothing left"]]
    fine = read(observe("high"), forced_fills=(force(1, left=2.0),))
    assert titles([fine, gone], state=state) == [[], []]


def test_orders_that_a_later_reading_shows_as_too_large_are_told() -> None:
    """The completion names the orders, and one of several fills of a position is enough."""
    order = OversizedOrder(id="77", side="sell", amount=10.0, price=None)
    unknown = [force(number, left=None, oversized_orders=None) for number in (1, 2)]
    known = [force(number, left=6.0, oversized_orders=(order,)) for number in (1, 2)]
    start = read(observe("low"))
    _, told = follow(
        [
            start,
            read(observe("low"), forced_fills=tuple(unknown)),
            *[read(observe("low"), forced_fills=tuple(known))] * 2,
        ]
    )
    assert [len(each) for each in told] == [0, 1, 1, 0]
    assert told[2][0].title.endswith("6 contracts left now after the ADL of 2026-11-28 12:00:00 UTC")
    assert told[2][0].body.splitlines()[-1] == "the order 77 sells 10 at the market; the position has 6 left"


def test_order_that_goes_on_filling_is_told_by_what_came() -> None:
    """An id whose total grows is told again with the increment at its own price, and what shrinks is not."""
    state, _ = follow([read()])
    steps = [(2.0, 100.0), (2.0, 100.0), (8.0, 103.0), (2.0, 100.0), (8.0, 103.0)]
    told = titles([read(forced_fills=(force(7, size=size, price=price),)) for size, price in steps], state=state)
    assert told == [
        [", BTCUSDT long: ADL closed 2 contracts at 100, 2 contracts left now"], [],
        [", BTCUSDT long: ADL closed 6 contracts at 104, 2 contracts left now"], [], [],
    ]  # fmt: skip
    old = titles([read(forced_fills=(force(7, size=size, price=None),)) for size in (2.0, 8.0)])
    assert old == [[], [", BTCUSDT long: ADL closed 6 contracts at an unknown price, 2 contracts left now"]]
