"""A reading of an account by the real ccxt at fake venues: positions with scores, forced fills, and what failed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.open_position import OpenPosition
from adlrisk.watch.reading.observed import FailedReading, OversizedOrder, Reading
from adlrisk.watch.reading.reader import AccountReader
from adlrisk.watch.reading.remaining import find_left
from adlrisk.watch.reading.scorers import LibraryScorer, ScorerError
from support.positions.fake_account import KEY, PASSPHRASE, SECRET
from support.positions.fake_venue import MIDNIGHT, VENUES, BinanceVenue, BybitVenue, FakeVenue, Kind, OkxVenue, reads


@contextmanager
def reading(venue: FakeVenue, **options: Any) -> Iterator[AccountReader]:
    with reads(venue) as account:
        scorer = options.pop("scorer", None) or LibraryScorer(catalogue())
        yield AccountReader(
            account,
            scorer,
            name="main",
            clock=lambda: 1_764_300_000.0,
            **{"sleep": lambda _: None, **options},
        )


def read(reader: AccountReader, since: float | None = None) -> Reading:
    found = reader.read(fills_since=since)
    assert isinstance(found, Reading), found
    return found


def test_reading_has_positions_with_their_scores() -> None:
    """A short of 10 from 2,000 at 1,800, isolated with 1,000: level 3 fires, liquidation where 3,000 meets 0.45 %.

    Its maintenance margin of 90 is 0.5 % of 18,000: 1,800 + (3,000 − 90) / (10 · 1.005) = 2,089.55, 16.09 % away.
    """
    venue = BinanceVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        found = read(reader)
    assert (found.account, found.venue, found.at, found.problems) == ("main", "binance", 1_764_300_000.0, ())
    (one,) = found.positions
    assert (one.symbol, one.side, one.size, one.mark_price) == ("ETHUSDT", "short", 10.0, 1800.0)
    assert one.liquidation_price == pytest.approx(1800 + 2910 / 10.05)
    assert one.liquidation_distance == pytest.approx(2910 / 10.05 / 1800)
    assert (one.score, one.score_upper, one.band, one.band_upper) == (4, 8, "watch", "high")
    assert one.missing == ("funding_rate", "liquidation_spike")
    assert one.guidance
    assert one.not_scored_reason is None


@pytest.mark.parametrize("kind", VENUES)
def test_adl_that_takes_half_is_found_with_what_is_left(kind: Kind) -> None:
    """5 of 10 are left; of the orders that reduce, the one of 10 is too large and the one of 5 is not."""
    venue = kind()
    venue.hold("short", 10)
    venue.order("buy", 10, id_="7")
    venue.order("buy", 5, id_="8")
    venue.order("buy", 9, id_="9", reduce_only=False)
    venue.order("sell", 9, id_="10")
    with reading(venue) as reader:
        first = read(reader)
        assert (first.forced_fills, first.fills_until) == ((), MIDNIGHT)
        venue.date = MIDNIGHT + 60
        venue.hold("short", 5)
        venue.force("adl", "short", 5)
        second = read(reader, first.fills_until)
    (fill,) = second.forced_fills
    assert (fill.kind, fill.symbol, fill.side, fill.size, fill.price) == ("adl", venue.symbol, "short", 5.0, 1800.5)
    assert (fill.at, fill.left, fill.note) == (MIDNIGHT + 60, 5.0, None)
    assert fill.oversized_orders == (OversizedOrder(id="7", side="buy", amount=10.0, price=1500.0),)
    assert second.fills_until == MIDNIGHT + 60


@pytest.mark.parametrize("kind", VENUES)
def test_liquidation_that_takes_all_leaves_nothing(kind: Kind) -> None:
    """What is left is 0.0, not unknown, and every order that reduces is too large."""
    venue = kind()
    venue.hold("long", 10, mark=1900.0)
    with reading(venue) as reader:
        first = read(reader)
        venue.hold("long", 0)
        venue.force("liquidation", "long", 10)
        venue.order("sell", 1, id_="7")
        second = read(reader, first.fills_until)
    (fill,) = second.forced_fills
    assert (fill.kind, fill.side, fill.size, fill.left) == ("liquidation", "long", 10.0, 0.0)
    assert [order.id for order in fill.oversized_orders or ()] == ["7"]


def test_fill_keeps_its_id_and_its_orders_are_asked_for_once() -> None:
    """It is in the overlap of the next readings, whose requests it does not add to."""
    venue = OkxVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 1
        venue.force("adl", "short", 5)
        venue.hold("short", 5)
        first = read(reader, until)
        asked = venue.requests.count("/api/v5/trade/orders-pending")
        venue.date = MIDNIGHT + 60
        second = read(reader, first.fills_until)
        assert venue.requests.count("/api/v5/trade/orders-pending") == asked == 1
    assert [fill.id for fill in first.forced_fills] == [fill.id for fill in second.forced_fills]
    assert second.forced_fills[0].oversized_orders is None


def test_fills_before_the_first_reading_need_no_orders() -> None:
    """They are taken as known; what is older than ten minutes is not even listed."""
    venue = OkxVenue()
    venue.hold("short", 10)
    venue.force("adl", "short", 5, id_="1", at=MIDNIGHT - 300)
    venue.force("adl", "short", 5, id_="2", at=MIDNIGHT - 700)
    with reading(venue) as reader:
        (fill,) = read(reader).forced_fills
    assert (fill.id, fill.oversized_orders) == ("adl:1:BTC-USDT-SWAP:short", None)
    assert "/api/v5/trade/orders-pending" not in venue.requests


def test_fill_while_nobody_watched_is_found_by_the_next_process() -> None:
    """A new reader with the cursor that was kept finds what happened meanwhile, with its orders."""
    venue = BybitVenue()
    venue.hold("short", 5)
    venue.order("buy", 10, id_="7")
    venue.force("adl", "short", 5, at=MIDNIGHT - 7200)
    with reading(venue) as reader:
        (fill,) = read(reader, MIDNIGHT - 10_000).forced_fills
    assert (fill.at, fill.left) == (MIDNIGHT - 7200, 5.0)
    assert [order.id for order in fill.oversized_orders or ()] == ["7"]


def test_orders_that_cannot_be_read_are_unknown() -> None:
    """The fill is told without them."""
    venue = OkxVenue()
    venue.hold("short", 10)
    del venue.answers["/api/v5/trade/orders-pending"]
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.hold("short", 5)
        venue.force("adl", "short", 5)
        (fill,) = read(reader, until).forced_fills
    assert (fill.left, fill.oversized_orders) == (5.0, None)


def test_fills_that_cannot_be_read_are_a_problem_of_the_reading() -> None:
    """Positions are there; the cursor stays; the list is named, and is no other problem beside."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    del venue.answers["/fapi/v1/forceOrders"]
    with reading(venue) as reader:
        found = read(reader, MIDNIGHT)
    assert (len(found.positions), found.forced_fills, found.fills_until) == (1, (), None)
    assert (found.unread_fills, found.problems) == (("the forced orders (the venue's answer cannot be used)",), ())


@pytest.mark.parametrize(
    ("positions", "is_complete", "left"),
    [
        ([("BTC", "short", 2.0)], True, 2.0),
        ([("btc", "short", 2.0), ("BTC", "short", 1.0), ("BTC", "long", 7.0), ("ETH", "short", 9.0)], True, 3.0),
        ([("BTC", "short", None), ("BTC", "short", 1.0)], True, None),
        ([("BTC", None, 2.0)], True, None),
        ([("ETH", "short", 9.0)], True, 0.0),
        ([("ETH", "short", 9.0)], False, None),
    ],
    ids=["one", "two margin modes", "a size unknown", "a side unknown", "nothing", "perhaps nothing"],
)
def test_what_is_left_is_known_or_unknown(positions: list[Any], is_complete: bool, left: float | None) -> None:
    """The sum of the side; nothing only where there are surely no other positions."""
    held = tuple(
        OpenPosition(symbol=symbol, market="", side=side, margin_mode=None, size=size)
        for symbol, side, size in positions
    )
    reading = AccountReading(positions=held, accounts=(), is_complete=is_complete)
    assert find_left(reading, symbol="BTC", side="short") == left
    assert find_left(reading, symbol="BTC", side=None) is None


def test_own_fills_are_no_forced_ones() -> None:
    """Neither those of orders, nor funding."""
    venue = BybitVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.execute("Trade", "short", 5, id_="1", createType="CreateByStopLoss")
        venue.execute("Funding", "short", 5, id_="2")
        assert read(reader, until).forced_fills == ()


def test_network_error_that_passes_is_not_noticed() -> None:
    """The venue fails twice and then answers: one reading, two waits."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            venue.failing = None

    with reading(venue, sleep=wait) as reader:
        read(reader)
        venue.failing = venue.DOWN
        assert len(read(reader).positions) == 1
    assert waits == [1.0, 1.0]


@pytest.mark.parametrize("kind", VENUES)
def test_venue_that_is_down_fails_the_reading_and_comes_back(kind: Kind) -> None:
    """After three tries, with a sentence and no secret."""
    venue = kind()
    venue.hold("short", 10)
    waits: list[float] = []
    with reading(venue, sleep=waits.append) as reader:
        venue.failing = venue.DOWN
        failed = reader.read()
        assert failed == FailedReading(
            account="main",
            venue=venue.venue,
            at=1_764_300_000.0,
            reason="127.0.0.1 cannot be reached: it ended the connection",
        )
        assert len(waits) == 2
        venue.failing = None
        assert len(read(reader).positions) == 1


def test_venue_that_refuses_the_keys_is_asked_once() -> None:
    """The reason says so, without the keys."""
    venue = OkxVenue()
    waits: list[float] = []
    with reading(venue, sleep=waits.append) as reader:
        venue.failing = (401, {"code": "50113", "msg": f"Invalid Sign {KEY} {SECRET} {PASSPHRASE}"})
        failed = reader.read()
    assert isinstance(failed, FailedReading)
    assert failed.reason.startswith("the venue does not accept the keys")
    assert not any(secret in failed.reason for secret in (KEY, SECRET, PASSPHRASE))
    assert waits == []


def test_reading_that_hangs_holds_up_no_other() -> None:
    """It is in a thread of its own; when the venue lets go it ends, as a failed one."""
    venue, other = OkxVenue(), BinanceVenue()
    venue.hold("short", 10)
    other.hold("short", 10)
    found: list[Any] = []
    with reading(venue) as hanging, reading(other) as reader:
        read(hanging)
        venue.failing = venue.HANGING
        thread = threading.Thread(target=lambda: found.append(hanging.read()), daemon=True)
        thread.start()
        assert len(read(reader).positions) == 1
        assert (found, thread.is_alive()) == ([], True)
        hanging.close()
        venue.release()
        thread.join(10)
    assert isinstance(found[0], FailedReading)


class NoScorer:
    """A service that does not answer."""

    def score(self, *_: Any, **__: Any) -> Any:
        raise ScorerError("the service gave no scores: no connection")


def test_adl_is_found_though_nothing_can_be_scored() -> None:
    """The service being down makes the account stale, but hides no forced fill."""
    venue = OkxVenue()
    venue.hold("short", 5)
    venue.force("adl", "short", 5, at=MIDNIGHT - 60)
    with reading(venue, scorer=NoScorer()) as reader:
        failed = reader.read(fills_since=MIDNIGHT)
    assert isinstance(failed, FailedReading)
    assert failed.reason == "the service gave no scores: no connection"
    assert [(fill.kind, fill.left) for fill in failed.forced_fills] == [("adl", 5.0)]
    assert failed.fills_until == MIDNIGHT


@pytest.mark.parametrize(("kind", "requests"), [(BinanceVenue, 4), (OkxVenue, 5), (BybitVenue, 7)])
def test_reading_costs_few_requests(kind: Kind, requests: int) -> None:
    """As docs/positions.md says: after the first one, which lists contracts and all kinds of fills."""
    venue = kind()
    venue.hold("short", 10)
    with reading(venue) as reader:
        first = read(reader)
        before = len(venue.requests)
        read(reader, first.fills_until)
    assert len(venue.requests) - before == requests


@pytest.mark.parametrize(("left", "orders"), [(5.0, ["7"]), (0.0, ["7", "8"])], ids=["half", "all"])
def test_adl_between_the_positions_and_the_fills_is_told_with_what_it_left(left: float, orders: list[str]) -> None:
    """The positions that were read before it are read again: 10 are not what is left, also in the reading itself."""
    venue = OkxVenue()
    venue.hold("short", 10)
    venue.order("buy", 10, id_="7")
    venue.order("buy", 5, id_="8")
    list_forced = venue.answers["/api/v5/trade/orders-history"]

    def close_meanwhile(asked: dict[str, str]) -> Any:
        if asked["category"] == "adl" and not venue.forced:
            venue.hold("short", left)
            venue.force("adl", "short", 10 - left)
        return list_forced(asked)

    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 15
        venue.answers["/api/v5/trade/orders-history"] = close_meanwhile
        found = read(reader, until)
    (fill,) = found.forced_fills
    assert (fill.size, fill.left) == (10 - left, left)
    assert [order.id for order in fill.oversized_orders or ()] == orders
    assert [one.size for one in found.positions] == ([left] if left else [])


def test_list_of_positions_that_lags_says_nothing_of_what_is_left() -> None:
    """Neither 10 nor any orders, until it shows the fill: then both, under the same id, by any later reading."""
    venue = OkxVenue()
    venue.hold("short", 10)
    venue.order("buy", 9, id_="7")
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 15
        venue.force("adl", "short", 5)
        first = read(reader, until)
        assert [(one.left, one.oversized_orders) for one in first.forced_fills] == [(None, None)]
        venue.date = MIDNIGHT + 30
        venue.hold("short", 5)
        second = read(reader, first.fills_until)
    (fill,) = second.forced_fills
    assert (fill.id, fill.left) == (first.forced_fills[0].id, 5.0)
    assert [order.id for order in fill.oversized_orders or ()] == ["7"]


def test_list_that_shows_one_of_two_fills_says_nothing_of_what_is_left() -> None:
    """Of 10 two and three were closed, and 8 are listed: 5 are left, or one's own order opened some."""
    venue = OkxVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 15
        venue.hold("short", 8)
        venue.force("adl", "short", 2, id_="1")
        venue.force("adl", "short", 3, id_="2")
        assert [fill.left for fill in read(reader, until).forced_fills] == [None, None]


def test_fill_that_is_listed_late_is_settled_after_a_minute() -> None:
    """The reading before has already shown it, so that nothing changes any more: after a minute that is believed."""
    venue = OkxVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        read(reader)
        venue.hold("short", 5)
        venue.date = MIDNIGHT + 15
        until = read(reader, MIDNIGHT).fills_until
        venue.force("adl", "short", 5, at=MIDNIGHT + 14)
        venue.date = MIDNIGHT + 45
        found = read(reader, until)
        venue.date = MIDNIGHT + 75
        settled = read(reader, found.fills_until)
    assert [one.forced_fills[0].left for one in (found, settled)] == [None, 5.0]


def test_reading_that_was_dropped_is_followed_by_one_that_says_as_much() -> None:
    """Whoever asks from the same time on did not take what was found: its orders are asked for again."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    venue.order("buy", 9, id_="7")
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 15
        venue.hold("short", 5)
        venue.force("adl", "short", 5)
        dropped, found = read(reader, until), read(reader, until)
    assert found == dropped
    (fill,) = found.forced_fills
    assert (fill.left, [order.id for order in fill.oversized_orders or ()]) == (5.0, ["7"])


def test_venue_that_wants_fewer_requests_is_left_alone() -> None:
    """Its own Retry-After, or a minute where it has none; nothing of a venue that only fails."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        assert read(reader).retry_after is None
        venue.failing = (429, {"code": -1003, "msg": "Too many requests."})
        assert reader.read().retry_after == 60.0
        venue.failing = (418, {"code": -1003, "msg": "banned until 1764300060000"})
        assert reader.read().retry_after == 60.0
        venue.failing = venue.DOWN
        assert reader.read().retry_after is None


@pytest.mark.parametrize(
    "rows",
    [[[[]]], {"a": [1]}, [{"symbol": None}], [1, 2, "x"], {}],
    ids=["lists", "a number", "nothing", "words", "no"],
)
def test_list_of_positions_without_rows_cannot_be_read(rows: Any) -> None:
    """What is no list of rows does not say that nothing is open."""
    venue = BinanceVenue()
    with reading(venue) as reader:
        assert read(reader).positions == ()
        venue.answers["/fapi/v3/positionRisk"] = rows
        assert isinstance(reader.read(), FailedReading)


@pytest.mark.parametrize("rows", [[[[]]], [1, 2, "x"], [{"orderId": None}]])
def test_list_of_fills_without_rows_cannot_be_read(rows: Any) -> None:
    """Nor does it say that there was no ADL."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    with reading(venue) as reader:
        venue.answers["/fapi/v1/forceOrders"] = rows
        assert read(reader).unread_fills == ("the forced orders (the venue's answer cannot be used)",)


def test_reading_says_whether_a_list_of_positions_is_missing() -> None:
    """Contracts of Bybit that settle in USDC have a list of their own: while it fails, what is in it is not closed."""
    venue = BybitVenue()
    venue.hold("short", 10)
    listed = venue.answers["/v5/position/list"]
    with reading(venue) as reader:
        assert read(reader).is_complete
        venue.answers["/v5/position/list"] = lambda asked: (
            {"retCode": 10006, "retMsg": "Too many visits!", "result": {}}
            if asked.get("settleCoin") == "USDC"
            else listed(asked)
        )
        found = read(reader)
    assert not found.is_complete
    assert len(found.positions) == 1
    assert found.retry_after == 60.0


@pytest.mark.parametrize(("mark", "distance"), [(2050.0, 50 / 2050), (2110.0, 0.0), (2400.0, 0.0)])
def test_mark_that_has_passed_the_venues_price_leaves_no_distance(mark: float, distance: float) -> None:
    """A short that its venue liquidates at 2,100: at 2,110 that is due, whatever the account's equity would allow."""
    venue = BybitVenue()
    venue.hold("short", 10, mark=mark)
    with reading(venue) as reader:
        (one,) = read(reader).positions
    assert one.liquidation_price == 2100.0
    assert one.liquidation_distance == pytest.approx(distance)


class HangingScorer:
    """A service whose answer does not end."""

    def __init__(self) -> None:
        self.ends = threading.Event()

    def score(self, *_: Any, **__: Any) -> Any:
        self.ends.wait(10)
        raise ScorerError("it has ended")


def test_adl_is_found_though_the_scores_do_not_come() -> None:
    """They are waited for only so long, and no second thread waits beside the first."""
    venue, scorer = OkxVenue(), HangingScorer()
    venue.hold("short", 5)
    venue.force("adl", "short", 5, at=MIDNIGHT - 60)
    with reading(venue, scorer=scorer, scoring_seconds=0.05) as reader:
        late, still_late = reader.read(fills_since=MIDNIGHT), reader.read(fills_since=MIDNIGHT)
        scorer.ends.set()
    assert isinstance(late, FailedReading)
    assert isinstance(still_late, FailedReading)
    assert (late.reason, still_late.reason) == (
        "no scores within 0.05 s",
        "the scores of the last reading have not come yet",
    )
    assert [fill.left for fill in late.forced_fills] == [5.0]


def test_order_that_goes_on_filling_is_new_again_with_what_it_left() -> None:
    """2 of 8, then all 8 under the same id: 10 − 8 is left, and the orders are asked for again."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    venue.order("buy", 8, id_="7")
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.date = MIDNIGHT + 15
        venue.hold("short", 8)
        venue.force("adl", "short", 2)
        first = read(reader, until)
        venue.date = MIDNIGHT + 30
        venue.hold("short", 2)
        venue.forced[0] |= {"executedQty": "8"}
        second = read(reader, first.fills_until)
    told = [
        (fill.id, fill.size, fill.left, fill.oversized_orders) for one in (first, second) for fill in one.forced_fills
    ]
    order = OversizedOrder(id="7", side="buy", amount=8.0, price=1500.0)
    assert told == [("adl:1:ETHUSDT:short", 2.0, 8.0, ()), ("adl:1:ETHUSDT:short", 8.0, 2.0, (order,))]


def test_fill_whose_position_is_never_known_is_looked_up_for_a_minute() -> None:
    """A list that fails for longer is not read twice at each reading as long as the fill is listed."""
    venue = BybitVenue()
    venue.hold("short", 0)
    listed = venue.answers["/v5/position/list"]
    venue.answers["/v5/position/list"] = lambda asked: (
        {"retCode": 10001, "retMsg": "no", "result": {}} if asked.get("settleCoin") == "USDC" else listed(asked)
    )
    counts: list[int] = []
    with reading(venue) as reader:
        until = read(reader).fills_until
        venue.force("adl", "short", 5, at=MIDNIGHT + 1)
        for seconds in (15, 61, 76):
            venue.date = MIDNIGHT + seconds
            before = venue.requests.count("/v5/position/list")
            found = read(reader, until)
            counts.append(venue.requests.count("/v5/position/list") - before)
            assert found.forced_fills[0].left is None
            until = found.fills_until
    assert counts == [counts[2] * 2, counts[2] * 2, counts[2]]


def test_first_reading_of_a_process_compares_its_own_two_lists() -> None:
    """There is none before it, but the ADL falls between its positions and its fills: 10, then 5."""
    venue = BinanceVenue()
    venue.hold("short", 10)
    list_forced = venue.answers["/fapi/v1/forceOrders"]

    def close_meanwhile(asked: dict[str, str]) -> Any:
        venue.hold("short", 5)
        venue.force("adl", "short", 5)
        return list_forced(asked)

    venue.answers["/fapi/v1/forceOrders"] = close_meanwhile
    with reading(venue) as reader:
        (fill,) = read(reader, MIDNIGHT - 60).forced_fills
    assert fill.left == 5.0
