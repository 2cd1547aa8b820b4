"""The trails of each venue, from its own answers: entries, depth and volatility, in contracts, with faults between."""

import time
from typing import Any, Final, NamedTuple

import pytest

from adlrisk.collect.adapters.observation import CallName, FetchError
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.record.market_record import MarketRecordBuilder
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from support.collect import fake_venue
from support.collect.fake_venue import FakeVenue
from support.collect.fake_venues import INVERSE, LINEAR, USDC, Venues

CALLS: Final[tuple[CallName, ...]] = ("mark", "open_interest", "depth")
MINUTE, HOUR = 60.0, 3600.0


class Place(NamedTuple):
    """Where an answer has a value."""

    answer: str
    path: tuple[str | int, ...]

    def put(self, fake: FakeVenue, value: float) -> None:
        holder: Any = fake.answers[self.answer]
        for key in self.path[:-1]:
            holder = holder[key]
        holder[self.path[-1]] = str(value)


class Venue(NamedTuple):
    """A contract of a venue: where its mark and open interest are, and the contracts within 1 % of mid."""

    venue: str
    market: str
    mark: Place
    interest: Place
    size: float
    is_side_known: bool = True


_TICKER: Final = ("result", "list", 0)
_BYBIT: Final = "/v5/market/tickers?symbol="
_OKX: Final = "/api/v5/public/"
_GATE: Final = "/api/v4/futures/usdt/contracts/BTC_USDT"
_ASSETS: Final = "metaAndAssetCtxs"
# Sizes are counted by hand in the fakes' books, whose mid is 60000: the thinner side within 59400 to 60600.
VENUES: Final = [
    Venue(
        "binance",
        LINEAR,
        Place("/fapi/v1/premiumIndex?symbol=BTCUSDT", ("markPrice",)),
        Place("/fapi/v1/openInterest", ("openInterest",)),
        3.0,
    ),
    Venue(
        "binance_coinm",
        INVERSE,
        Place("/dapi/v1/premiumIndex?symbol=BTCUSD_PERP", (0, "markPrice")),
        Place("/dapi/v1/openInterest", ("openInterest",)),
        300.0,
    ),
    Venue(
        "bybit",
        LINEAR,
        Place(f"{_BYBIT}BTCUSDT", (*_TICKER, "markPrice")),
        Place(f"{_BYBIT}BTCUSDT", (*_TICKER, "singleOpenInterest")),
        3.0,
    ),
    Venue(
        "bybit",
        INVERSE,
        Place(f"{_BYBIT}BTCUSD", (*_TICKER, "markPrice")),
        Place(f"{_BYBIT}BTCUSD", (*_TICKER, "singleOpenInterest")),
        30_000.0,
    ),
    Venue(
        "okx",
        LINEAR,
        Place(f"{_OKX}mark-price?instId=BTC-USDT-SWAP", ("data", 0, "markPx")),
        Place(f"{_OKX}open-interest?instId=BTC-USDT-SWAP", ("data", 0, "oi")),
        300.0,
    ),
    Venue("gate", LINEAR, Place(_GATE, ("mark_price",)), Place(_GATE, ("position_size",)), 30_000.0),
    Venue(
        "hyperliquid",
        USDC,
        Place(_ASSETS, (1, 0, "markPx")),
        Place(_ASSETS, (1, 0, "openInterest")),
        3.0 / 0.3**1.16,  # the book ends before 1 %: of 3 within 0.3 %
        is_side_known=False,
    ),
]


class Watch:
    """A contract that is looked at again and again, by a clock of its own that begins now."""

    def __init__(self, venues: Venues, case: Venue) -> None:
        self._venues, self._case = venues, case
        self.fake = venues[case.venue]
        self.now = time.time()
        self._builder = self._new_builder(None)

    def look(self, *, seconds: float, mark: float, contracts: float) -> MarketRecord:
        """The record after so many seconds, with what the venue says then; calls that fail are left out."""
        self.now += seconds
        self._case.mark.put(self.fake, mark)
        self._case.interest.put(self.fake, contracts)
        for call in CALLS:
            try:
                observation = self._venues.observe(self.fake, call, self._case.market)
            except FetchError:
                continue
            assert observation.left_out == ()
            self._builder.add(call, observation, now=self.now)
        record = self._builder.build(now=self.now)
        return MarketRecord() if record is None else record.market

    def restart(self) -> None:
        """Go on as another collector, from what is stored."""
        self._builder = self._new_builder(self._builder.history.encode())

    def _new_builder(self, stored: bytes | None) -> MarketRecordBuilder:
        history = MarketHistory(Conditions(), stored)
        return MarketRecordBuilder(MarketKey(self._case.venue, "BTC"), self._case.market, history=history)


def shares(market: MarketRecord) -> dict[float, float]:
    return {entry.price: entry.share for entry in market.entries}


@pytest.fixture(params=VENUES, ids=lambda case: f"{case.venue}-{case.market}")
def case(request: pytest.FixtureRequest) -> Venue:
    found: Venue = request.param
    return found


def test_answers_of_each_venue_make_its_trails(venues: Venues, case: Venue) -> None:
    """Open interest and depth are in the venue's contracts, and entries where they grew, over a restart."""
    watch = Watch(venues, case)
    first = watch.look(seconds=0.0, mark=60_000.0, contracts=1_000.0)
    assert first.open_interest == (1_000.0 if case.is_side_known else None)
    assert first.size_for_one_percent == pytest.approx(case.size, rel=1e-5)
    assert (first.entries, first.entries_seen, first.volatility) == ((), 0.0, None)
    watch.look(seconds=MINUTE, mark=61_000.0, contracts=1_500.0)
    watch.restart()
    last = watch.look(seconds=MINUTE, mark=62_000.0, contracts=2_000.0)
    assert last.entries_seen == 0.5
    assert shares(last) == pytest.approx({60_000.0: 0.5, 61_000.0: 0.25, 62_000.0: 0.25})


def test_fault_of_a_venue_leaves_unknown_what_it_hid(venues: Venues, case: Venue) -> None:
    """While no call is answered nothing is known; what open interest grew by meanwhile was not seen being opened."""
    watch = Watch(venues, case)
    watch.look(seconds=0.0, mark=60_000.0, contracts=1_000.0)
    watch.look(seconds=MINUTE, mark=60_000.0, contracts=2_000.0)
    watch.fake.faults["*"] = fake_venue.BROKEN
    hidden = watch.look(seconds=10 * MINUTE, mark=61_000.0, contracts=3_000.0)
    assert (hidden.open_interest, hidden.entries, hidden.entries_seen) == (None, (), None)
    assert (hidden.size_for_one_percent, hidden.volatility) == (None, None)
    watch.fake.faults.clear()
    after = watch.look(seconds=50 * MINUTE, mark=62_000.0, contracts=4_000.0)
    assert after.entries_seen == pytest.approx(0.5 * (1.0 - 1.0 / 24.0) * 0.5, abs=1e-4)
    assert after.entries == ()
    watch.now -= 6 * HOUR  # the clock is set back, which is like a gap
    back = watch.look(seconds=MINUTE, mark=62_000.0, contracts=4_000.0)
    assert back.entries_seen == pytest.approx(0.25 * (23.0 / 24.0) * (18.0 / 24.0), abs=1e-3)
