"""The trail of entries: its laws under any readings, and when it says something."""

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.collect.record.entry_trail import EntryTrail, extend_trail, list_entries, seen_share
from adlrisk.domain.position.entries import MAX_ENTRIES, Entry
from adlrisk.domain.position.market import MarketRecord

NOON = 1_795_003_200.0
MINUTE, HOUR = 60.0, 3600.0
DAY = 24 * HOUR
Reading = tuple[float, float, float]  # seconds since the one before, open interest, mark

prices = st.floats(min_value=1e-12, max_value=1e15)
interests = st.just(0.0) | st.floats(min_value=1e-12, max_value=1e15)
any_readings = st.lists(st.tuples(st.sampled_from((60.0, 0.0, 299.0, 7_200.0, -7_200.0, 1e6)), interests, prices))
near = st.floats(min_value=50.0, max_value=99.0)
calm_readings = st.lists(st.tuples(st.just(60.0), st.floats(min_value=900.0, max_value=1_700.0), near), max_size=300)


def follow(readings: Sequence[Reading], *, trail: EntryTrail | None = None, now: float = NOON) -> EntryTrail:
    for seconds, interest, mark in readings:
        now += seconds
        trail = extend_trail(trail, interest=interest, mark=mark, now=now)
    assert trail is not None
    return trail


def shown(trail: EntryTrail | None, *, now: float | None = None) -> dict[float, float]:
    assert trail is not None
    return {entry.price: entry.share for entry in list_entries(trail, now=trail.at if now is None else now)}


@given(any_readings)
def test_any_readings_make_a_trail_within_its_bounds(readings: list[Reading]) -> None:
    """Whatever was read: at most 100 finite bins in the order of their prices, which sum to 1, and can be stored."""
    trail = None
    now = NOON
    for seconds, interest, mark in readings:
        now += seconds
        trail = extend_trail(trail, interest=interest, mark=mark, now=now)
        prices = [price for price, _ in trail.bins]
        assert prices == sorted(prices)
        assert len(prices) <= MAX_ENTRIES
        assert all(math.isfinite(number) and number > 0.0 for one in trail.bins for number in one)
        assert interest == 0.0 or math.isclose(math.fsum(share for _, share in trail.bins), 1.0, abs_tol=1e-7)
        assert 0.0 <= trail.seen <= 1.0
        assert msgspec.json.decode(msgspec.json.encode(trail), type=EntryTrail) == trail


@given(calm_readings)
def test_listed_entries_are_all_of_the_open_interest(readings: list[Reading]) -> None:
    """Entries that are shown sum to 1 within 1e-9, so that a record takes them; they are shown once half was seen."""
    trail = follow([(0.0, 1_000.0, 60.0), *readings])
    entries = list_entries(trail, now=trail.at)
    assert bool(entries) is (round(trail.seen, 4) >= 0.5)
    assert MarketRecord(entries=entries).entries == entries
    assert all(0.0 < entry.share <= 1.0 for entry in entries)


@given(calm_readings, st.lists(st.floats(min_value=0.0, max_value=1.0), min_size=1))
def test_open_interest_that_only_shrinks_changes_no_share(readings: list[Reading], left: list[float]) -> None:
    """What is closed is taken from all entries in proportion, whatever the mark is then."""
    before = follow([(0.0, 1_000.0, 60.0), *readings])
    interest = before.interest
    after = before
    for share in left:
        interest *= share
        after = extend_trail(after, interest=interest, mark=60.0 + share, now=after.at + MINUTE)
    assert after.bins == before.bins
    assert after.seen == before.seen


@given(st.lists(st.floats(min_value=1.0, max_value=1.9), max_size=50), prices)
def test_growth_at_one_price_is_one_entry(growths: list[float], price: float) -> None:
    """While the mark stands still, all was opened there."""
    interest, readings = 1_000.0, [(0.0, 1_000.0, price)]
    for growth in growths:
        interest = min(interest * growth, 1e15)
        readings.append((MINUTE, interest, price))
    ((only, share),) = follow(readings).bins
    assert only == pytest.approx(price, rel=1e-5)
    assert share == 1.0


@given(st.lists(st.tuples(st.integers(min_value=50, max_value=99), st.integers(min_value=-400, max_value=400))))
def test_shares_are_those_of_the_contracts_that_were_opened(changes: list[tuple[int, int]]) -> None:
    """Without merging, a share is what an exact count of contracts by price gives, worn off in proportion."""
    contracts = {60: Fraction(1_000)}
    readings: list[Reading] = [(0.0, 1_000.0, 60.0)]
    for price, change in changes:
        total = sum(contracts.values())
        change = max(change, -int(total) + 1)  # noqa: PLW2901 -- something stays open
        if change > 0:
            contracts[price] = contracts.get(price, Fraction(0)) + change
        else:
            contracts = {at: held * (total + change) / total for at, held in contracts.items()}
        readings.append((MINUTE, float(total + change), float(price)))
    total = sum(contracts.values())
    found = dict(follow(readings).bins)
    for price, held in contracts.items():
        assert found.get(float(price), 0.0) == pytest.approx(float(held / total), abs=1e-6)


@given(
    st.lists(st.floats(min_value=50.0, max_value=99.0), min_size=110, max_size=130),
    st.randoms(use_true_random=False),
)
def test_order_of_merging_keeps_what_the_entries_say(marks: list[float], random: object) -> None:
    """Of more than 100 prices neighbours are merged; in any order the mean entry and the spread stay the same."""
    shuffled = [*marks]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    exact = [(70.0, 1_000.0), *((mark, 10.0) for mark in marks)]
    total = sum(held for _, held in exact)
    mean = sum(price * held for price, held in exact) / total
    deviation = math.sqrt(sum(held * (price - mean) ** 2 for price, held in exact) / total)
    for order in (marks, shuffled):
        grown = [(MINUTE, 1_000.0 + 10.0 * (place + 1), mark) for place, mark in enumerate(order)]
        trail = follow([(0.0, 1_000.0, 70.0), *grown])
        assert len(trail.bins) <= MAX_ENTRIES
        found = sum(price * share for price, share in trail.bins)
        spread = math.sqrt(sum(share * (price - found) ** 2 for price, share in trail.bins))
        assert found == pytest.approx(mean, rel=1e-5)
        assert spread == pytest.approx(deviation, rel=0.01)
        assert min(*marks, 70.0) <= trail.bins[0][0] * (1 + 1e-5)
        assert trail.bins[-1][0] * (1 - 1e-5) <= max(*marks, 70.0)


def test_entries_are_withheld_until_half_of_them_was_seen() -> None:
    """1,000 contracts that were there, 500 opened at 110 and 500 at 120: half is seen with the last of them."""
    trail = follow([(0.0, 1_000.0, 100.0)])
    assert (seen_share(trail, now=trail.at), shown(trail)) == (0.0, {})
    trail = follow([(MINUTE, 1_500.0, 110.0)], trail=trail)
    assert (seen_share(trail, now=trail.at), shown(trail)) == (0.3333, {})
    trail = follow([(MINUTE, 2_000.0, 120.0)], trail=trail, now=trail.at)
    assert seen_share(trail, now=trail.at) == 0.5
    assert shown(trail) == pytest.approx({100.0: 0.5, 110.0: 0.25, 120.0: 0.25})
    trail = follow([(MINUTE, 1_000.0, 90.0), (MINUTE, 2_000.0, 80.0)], trail=trail, now=trail.at)
    assert seen_share(trail, now=trail.at) == 0.75
    assert shown(trail) == pytest.approx({80.0: 0.5, 100.0: 0.25, 110.0: 0.125, 120.0: 0.125})


WELL_KNOWN = EntryTrail(at=NOON, interest=1_000.0, mark=100.0, seen=0.9, bins=((90.0, 0.4), (100.0, 0.6)))


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_gap_takes_what_was_known_and_its_growth_was_not_seen(direction: float) -> None:
    """After 12 hours half of the 0.9 is left, of 1,000 in 1,250 contracts; a clock set back is like a gap."""
    after = extend_trail(WELL_KNOWN, interest=1_250.0, mark=110.0, now=NOON + direction * 12 * HOUR)
    assert dict(after.bins) == pytest.approx({90.0: 0.32, 100.0: 0.48, 110.0: 0.2})
    assert after.seen == pytest.approx(0.45 * 0.8)


@pytest.mark.parametrize(("seconds", "seen"), [(300.0, 0.92), (301.0, 0.8 * 0.9 * (1.0 - 301.0 / DAY))])
def test_growth_is_seen_within_five_minutes(seconds: float, seen: float) -> None:
    """A takeover or a few failed calls cost nothing: what grew by 250 within 300 s is seen, within more it is not."""
    after = extend_trail(WELL_KNOWN, interest=1_250.0, mark=110.0, now=NOON + seconds)
    assert after.seen == pytest.approx(seen)


@pytest.mark.parametrize(
    ("seconds", "mark"), [(DAY, 100.0), (-DAY, 100.0), (1e9, 100.0), (MINUTE, 200.0), (MINUTE, 50.0), (MINUTE, 1e-9)]
)
def test_trail_begins_anew_after_a_day_and_for_another_contract(seconds: float, mark: float) -> None:
    """After a day nothing of it is known, and a mark that doubled or halved is that of a contract in another unit."""
    after = extend_trail(WELL_KNOWN, interest=1_000.0, mark=mark, now=NOON + seconds)
    assert (after.seen, after.bins) == (0.0, ((mark, 1.0),))


def test_open_interest_that_doubles_at_once_was_not_seen() -> None:
    """Twice as much within a minute may be opened; more is another unit, or a contract nothing was known of."""
    twice = extend_trail(WELL_KNOWN, interest=2_000.0, mark=100.0, now=NOON + MINUTE)
    more = extend_trail(WELL_KNOWN, interest=2_001.0, mark=100.0, now=NOON + MINUTE)
    assert twice.seen == pytest.approx(0.95)
    assert more.seen == pytest.approx(0.9 * 1_000.0 / 2_001.0)
    first = follow([(0.0, 0.0, 100.0), (MINUTE, 5.0, 110.0)])
    assert (first.seen, first.bins) == (0.0, ((110.0, 1.0),))


def test_nothing_is_said_of_a_trail_that_does_not_go_on_or_of_no_open_interest() -> None:
    """Five minutes after the last reading, or with nothing open, there are no entries."""
    assert shown(WELL_KNOWN, now=NOON + 300.0) == {90.0: 0.4, 100.0: 0.6}
    for now in (NOON + 301.0, NOON - 301.0):
        assert shown(WELL_KNOWN, now=now) == {}
        assert seen_share(WELL_KNOWN, now=now) is None
    assert shown(extend_trail(WELL_KNOWN, interest=0.0, mark=100.0, now=NOON)) == {}
    assert list_entries(None, now=NOON) == ()
    assert seen_share(None, now=NOON) is None


def test_trail_of_months_stays_small() -> None:
    """However long the mark wanders, a trail is at most 100 bins and 3 kB."""
    readings = [(MINUTE, 1e9 + 1e8 * (place % 7), 60_000.0 * 1.9 ** math.sin(place / 300.0)) for place in range(5_000)]
    trail = follow(readings)
    assert len(trail.bins) == MAX_ENTRIES
    assert trail.seen > 0.99
    assert len(msgspec.json.encode(trail)) < 3_000
    assert len(msgspec.json.encode(list_entries(trail, now=trail.at))) < 5_000


@pytest.mark.parametrize(
    "bins",
    [
        ((100.0, 0.5), (90.0, 0.5)),
        ((90.0, 0.5), (100.0, 0.4)),
        (),
        ((0.0, 1.0),),
        ((90.0, -0.5), (100.0, 1.5)),
        tuple((float(price), 1.0 / 101) for price in range(1, 102)),
    ],
)
def test_stored_trail_with_wrong_bins_is_refused(bins: tuple[tuple[float, float], ...]) -> None:
    """What another hand has written is not taken for a trail."""
    stored = msgspec.json.encode({**msgspec.to_builtins(WELL_KNOWN), "bins": bins})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(stored, type=EntryTrail)


def test_record_takes_only_entries_that_are_all() -> None:
    """Shares that sum to 1 within 1e-9 are taken, none at all too, and others are refused by the field's name."""
    half = Entry(price=1.0, share=0.5)
    MarketRecord(entries=(half, Entry(price=1.0, share=0.5 + 9e-10)))
    for entries in ((half,), (half, Entry(price=1.0, share=0.5 + 1.1e-9))):
        with pytest.raises(ValueError, match="`entries`"):
            MarketRecord(entries=entries)
