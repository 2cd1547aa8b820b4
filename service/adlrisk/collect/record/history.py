"""The rolling history of one contract, that its conditions are judged and its trails are kept from.

It is stored beside the records, so that a restart or another collector continues it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from adlrisk.collect.adapters.observation import FundReading, InsurancePool, Liquidation, Observation
from adlrisk.collect.record.book_depth import follow_depth, size_for_one_percent
from adlrisk.collect.record.entry_trail import extend_trail, list_entries, seen_share
from adlrisk.collect.record.stored_history import StoredHistory, decode_history
from adlrisk.collect.record.volatility import extend_marks, measure_volatility
from adlrisk.domain.position.entries import Entry
from adlrisk.domain.rules.conditions import (
    Conditions,
    DrawdownRule,
    adl_trigger,
    drawdown_trigger,
    fund_peak,
    liquidation_spike,
    open_interest_high,
    thin_liquidity,
)

_DEPTH_SLOT_SECONDS: Final = 300  # one depth in each slot counts
_FUND_SLOT_SECONDS: Final = 600  # one balance, the largest
_INTEREST_SLOT_SECONDS: Final = 4 * 3600  # one sample of open interest: 180 in 30 days, some 4 kB
_OTHER_FUND: Final = 2  # a fund that covers so many times more or fewer contracts than before is another one
_LATE_SECONDS: Final = 60  # how late a venue may report a liquidation
_AHEAD_SECONDS: Final = 60.0  # how far a venue's clock may be ahead
_PAIR_SECONDS: Final = 30.0  # how far apart a mark and a reading of open interest may be
_STALE_SECONDS: Final = 60.0  # a stream that has been silent for longer leaves the present unknown


class MarketHistory:
    """The history of one contract. Times are seconds since 1970."""

    def __init__(self, conditions: Conditions, stored: bytes | None = None) -> None:
        """Continue ``stored``, or start empty where there is none or it cannot be used."""
        self._conditions = conditions
        self._window = conditions.spike.window_minutes * 60
        window_minutes = conditions.spike.window_minutes
        self._data = decode_history(stored, window_minutes=window_minutes) or StoredHistory(
            window_minutes=window_minutes
        )
        self._mark: tuple[float, float] | None = None  # the latest, and when it was read
        self._interest: tuple[float, float] | None = None  # the latest that is in no trail yet, and when it was read

    def encode(self) -> bytes:
        """The stored form, JSON."""
        return msgspec.json.encode(self._data)

    def add_liquidations(self, observation: Observation, *, now: float) -> None:
        """Add a stream's liquidations and the span they cover; one dated in the future leaves the span incomplete."""
        if self._add(observation.liquidations, now):
            self._cover(observation, now)

    def add_mark_price(self, mark: float, *, now: float) -> None:
        """Add a mark price, for the volatility and for the entries of what open interest grew by."""
        self._data.marks = extend_marks(self._data.marks, mark, now=now)
        self._mark = (mark, now)
        self._extend_entries(now)

    def add_depths(self, depths: Mapping[int, float], *, now: float) -> None:
        """Add the depths of the order book, quote currency by band in basis points."""
        self._data.depths[_slot(now)] = {band: _shorten(depth) for band, depth in depths.items()}

    def add_depth_sizes(self, sizes: Mapping[int, float], *, now: float) -> None:
        """Add the depths of the order book in contracts, by band in basis points."""
        self._data.book = follow_depth(self._data.book, sizes, now=now)

    def add_fund_balance(self, balance: float, reading: FundReading, *, now: float) -> None:
        """Add a balance of the insurance fund, at the venue's time of it; those of another fund are dropped."""
        data = self._data
        before = data.fund_contracts or reading.contracts
        if max(before, reading.contracts) >= _OTHER_FUND * min(before, reading.contracts):
            data.fund = {}
        data.fund_contracts = reading.contracts
        at = min(int(reading.at.timestamp()), int(now))
        first = next((other for other in data.fund if other // _FUND_SLOT_SECONDS == at // _FUND_SLOT_SECONDS), at)
        data.fund[first] = max(balance, data.fund.get(first, balance))

    def add_open_interest(self, interest: float, *, now: float) -> None:
        """Add a reading of open interest: to the samples, where the latest of its slot counts, and to the entries."""
        self._data.open_interest[_slot(now, _INTEREST_SLOT_SECONDS)] = _shorten(interest)
        self._interest = (interest, now)
        self._extend_entries(now)

    def judge_liquidation_spike(self, *, now: float) -> bool | None:
        """Whether liquidations spike; ``None`` if too little of the stream was received."""
        self._prune(now)
        until = max((until for _, until in self._data.covered), default=0.0)
        if until < now - _STALE_SECONDS:
            return None
        since = until - self._window
        rule = self._conditions.spike
        return liquidation_spike(
            sum(total for at, total in self._data.liquidated.items() if at >= int(since)),
            is_complete=self._coverage(since) >= rule.least_heard,
            before=[total for start, total in self._data.windows.items() if start + self._window <= since],
            rule=rule,
        )

    def judge_thin_liquidity(self, depths: Mapping[int, float], *, now: float) -> bool | None:
        """Whether a book with these depths is thin, judged by the widest band with enough earlier samples.

        How far a book reaches varies, so a band is compared only with itself. ``None`` if no band has enough samples.
        """
        self._prune(now)
        for band in sorted(depths, reverse=True):
            before = [earlier[band] for at, earlier in self._data.depths.items() if at < _slot(now) and band in earlier]
            is_thin = thin_liquidity(depths[band], before=before, rule=self._conditions.thin)
            if is_thin is not None:
                return is_thin
        return None

    def judge_fund_peak(self, *, now: float) -> float | None:
        """The largest balance of the insurance fund in the window; ``None`` until all of it was observed."""
        self._prune(now)
        return fund_peak(self._data.fund, now=now, rule=self._conditions.fund)

    def judge_open_interest_high(self, interest: float, *, now: float) -> bool | None:
        """Whether open interest is high, compared with the samples before; ``None`` if they are too few."""
        self._prune(now)
        present = _slot(now, _INTEREST_SLOT_SECONDS)
        before = [earlier for at, earlier in self._data.open_interest.items() if at < present]
        return open_interest_high(_shorten(interest), before=before, rule=self._conditions.open_interest)

    def list_entries(self, *, now: float) -> tuple[Entry, ...]:
        """The entries of the open interest; none until half of them was seen."""
        return list_entries(self._data.entries, now=now)

    def measure_entries_seen(self, *, now: float) -> float | None:
        """The share of the open interest whose opening was seen; ``None`` without both of open interest and marks."""
        return seen_share(self._data.entries, now=now)

    def measure_size_for_one_percent(self) -> float | None:
        """The contracts within 1 % of mid on the thinner side, as of the latest depths."""
        return size_for_one_percent(self._data.book)

    def measure_volatility(self, *, now: float) -> float | None:
        """The volatility of the mark, a year; ``None`` until a day was seen."""
        return measure_volatility(self._data.marks, now=now)

    def judge_adl_trigger(self, pool: InsurancePool) -> bool | None:
        """Whether a deleveraging is under way; ``None`` if the venue does not publish enough to say."""
        rule = self._drawdown_rule(pool)
        if rule is None or pool.pnl_ratio is None or pool.trigger_balance is None:
            return adl_trigger(balance=pool.balance, drawdown=None)
        self._data.drawdown = drawdown_trigger(
            pnl_ratio=pool.pnl_ratio,
            balance=pool.balance,
            trigger_balance=pool.trigger_balance,
            was_on=self._data.drawdown,
            rule=rule,
        )
        return adl_trigger(balance=pool.balance, drawdown=self._data.drawdown)

    def _extend_entries(self, now: float) -> None:
        """Add a reading of open interest to the trail of entries, once there is a mark of about the same time."""
        if self._mark is None or self._interest is None:
            return
        (mark, marked_at), (interest, read_at) = self._mark, self._interest
        if abs(marked_at - read_at) <= _PAIR_SECONDS:
            self._interest = None
            self._data.entries = extend_trail(self._data.entries, interest=interest, mark=mark, now=now)

    def _drawdown_rule(self, pool: InsurancePool) -> DrawdownRule | None:
        """The contract's own ratios, else the card's; a partial pair counts as none."""
        if pool.starts_at is None and pool.stops_above is None:
            return self._conditions.drawdown
        try:
            ratios = {"starts_at": pool.starts_at, "stops_above": pool.stops_above}
            return msgspec.convert(ratios, DrawdownRule)
        except msgspec.ValidationError:
            return None

    def _add(self, liquidations: Iterable[Liquidation], now: float) -> bool:
        """Add up liquidations by second; whether none of them is dated in the future, allowing for clock skew."""
        liquidated = self._data.liquidated
        has_all = True
        for liquidation in liquidations:
            at = int(liquidation.at.timestamp())
            if at > now + _AHEAD_SECONDS:
                has_all = False
            else:
                liquidated[at] = liquidated.get(at, 0.0) + liquidation.notional
        return has_all

    def _cover(self, observation: Observation, now: float) -> None:
        """Mark the observation's span as covered, merged with the spans that it touches."""
        if observation.covered_since is None:
            return
        since = observation.covered_since.timestamp()
        covered = self._data.covered
        while covered and covered[-1][1] >= since:
            since = min(since, covered.pop()[0])
        covered.append((since, now))

    def _coverage(self, since: float) -> float:
        """The covered share of the window that starts at ``since``, 0–1."""
        until = since + self._window
        spans = ((max(since, start), min(until, end)) for start, end in self._data.covered)
        return sum(end - start for start, end in spans if end > start) / self._window

    def _prune(self, now: float) -> None:
        """Close the windows that are over, and drop what no longer counts."""
        data, window = self._data, self._window
        baseline = now - self._conditions.spike.baseline_hours * 3600.0
        first = max(baseline, min((since for since, _ in data.covered), default=now))
        for start in range(int(first) // window * window, int(now) - window - _LATE_SECONDS + 1, window):
            if start not in data.windows and self._coverage(start) >= self._conditions.spike.least_heard:
                liquidated = (total for at, total in data.liquidated.items() if start <= at < start + window)
                data.windows[start] = sum(liquidated)
        oldest = int(now) - 3 * window - _LATE_SECONDS
        data.liquidated = {at: total for at, total in data.liquidated.items() if oldest <= at <= now + _AHEAD_SECONDS}
        data.covered = [
            (max(since, oldest), min(until, now)) for since, until in data.covered if oldest <= until and since <= now
        ]
        data.windows = {start: total for start, total in data.windows.items() if baseline <= start <= now}
        trailing = now - self._conditions.thin.trailing_hours * 3600.0
        data.depths = {at: depths for at, depths in data.depths.items() if trailing <= at <= now}
        fund = self._conditions.fund
        watched = now - fund.window_hours * 3600.0 - fund.longest_gap_minutes * 60.0
        data.fund = {at: balance for at, balance in data.fund.items() if watched <= at <= now}
        month = now - self._conditions.open_interest.trailing_days * 86_400.0
        data.open_interest = {at: interest for at, interest in data.open_interest.items() if month <= at <= now}


def _slot(now: float, seconds: int = _DEPTH_SLOT_SECONDS) -> int:
    return int(now) // seconds * seconds


def _shorten(amount: float) -> float:
    return float(f"{amount:.6g}")
