"""What was seen of one contract over time, as far as conditions are judged from it.

It is kept in the store beside the records, so that neither a restart nor another collector begins anew.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.collect.adapters.observation import Finding, Liquidation, Pool
from adlrisk.domain.position.bounds import NonNegative
from adlrisk.domain.rules.conditions import (
    Conditions,
    DrawdownRule,
    adl_trigger,
    drawdown_trigger,
    liquidation_spike,
    thin_liquidity,
)

FORMAT: Final = 1

_DEPTH_EVERY_SECONDS: Final = 300  # one depth for each of these counts
_LATE_SECONDS: Final = 60  # how late a venue may tell of a liquidation
_AHEAD_SECONDS: Final = 60.0  # how far a venue's clock may be ahead
_STALE_SECONDS: Final = 60.0  # what was heard longer ago says nothing of now

BasisPoints = Annotated[int, Meta(ge=1, le=10_000)]
Second = Annotated[int, Meta(ge=0, le=1 << 40)]


class Kept(Struct, kw_only=True):
    """A trail as it is kept. Moments are seconds since 1970, spans of the clock of this side.

    Fields that are not known are a newer release's and no reason to discard the others: during a rolling update both
    take over from each other.
    """

    version: int = FORMAT
    window_minutes: int
    liquidated: dict[Second, NonNegative] = {}  # by second, for as long as windows are open
    covered: list[tuple[float, float]] = []  # spans in which everything was heard
    windows: dict[Second, NonNegative] = {}  # what was liquidated in a window that was covered, by its first second
    depths: dict[Second, dict[BasisPoints, NonNegative]] = {}
    drawdown: bool | None = None


class Trail:
    """What was seen of one contract. Moments are seconds since 1970."""

    def __init__(self, conditions: Conditions, kept: bytes | None = None) -> None:
        self._conditions = conditions
        self._window = conditions.spike.window_minutes * 60
        self._kept = _decoded(kept, conditions) or Kept(window_minutes=conditions.spike.window_minutes)

    def encoded(self) -> bytes:
        """The trail as it is kept."""
        return msgspec.json.encode(self._kept)

    def heard(self, finding: Finding, *, now: float) -> None:
        """Take up liquidations that a stream told; where one of them is of a time to come, not all is known."""
        if self._add(finding.liquidations, now):
            self._cover(finding, now)

    def saw_depths(self, depths: Mapping[int, float], *, now: float) -> None:
        """Take up the depths of the order book, by band."""
        self._kept.depths[_slot(now)] = {band: float(f"{depth:.6g}") for band, depth in depths.items()}

    def liquidation_spike(self, *, now: float) -> bool | None:
        """Whether liquidations spike; ``None``: not enough was heard."""
        self._forget(now)
        until = max((until for _, until in self._kept.covered), default=0.0)
        if until < now - _STALE_SECONDS:
            return None
        since = until - self._window
        rule = self._conditions.spike
        return liquidation_spike(
            sum(total for at, total in self._kept.liquidated.items() if at >= int(since)),
            is_complete=self._heard(since) >= rule.least_heard,
            before=[total for start, total in self._kept.windows.items() if start + self._window <= since],
            rule=rule,
        )

    def thin_liquidity(self, depths: Mapping[int, float], *, now: float) -> bool | None:
        """Whether a book of these depths is thin, by the widest band that was seen often enough before.

        How far a book reaches changes with it, so that a band is compared with itself only. ``None``: none was.
        """
        self._forget(now)
        for band in sorted(depths, reverse=True):
            before = [seen[band] for at, seen in self._kept.depths.items() if at < _slot(now) and band in seen]
            is_thin = thin_liquidity(depths[band], before=before, rule=self._conditions.thin)
            if is_thin is not None:
                return is_thin
        return None

    def adl_trigger(self, pool: Pool) -> bool | None:
        """Whether a deleveraging is on; ``None``: the venue does not say enough."""
        rule = self._drawdown_rule(pool)
        if rule is None or pool.pnl_ratio is None or pool.trigger_balance is None:
            return adl_trigger(balance=pool.balance, drawdown=None)
        self._kept.drawdown = drawdown_trigger(
            pnl_ratio=pool.pnl_ratio,
            balance=pool.balance,
            trigger_balance=pool.trigger_balance,
            was_on=self._kept.drawdown,
            rule=rule,
        )
        return adl_trigger(balance=pool.balance, drawdown=self._kept.drawdown)

    def _drawdown_rule(self, pool: Pool) -> DrawdownRule | None:
        """What the venue says of this contract; what its card says where it says nothing; half of it is nothing."""
        if pool.starts_at is None and pool.stops_above is None:
            return self._conditions.drawdown
        try:
            said = {"starts_at": pool.starts_at, "stops_above": pool.stops_above}
            return msgspec.convert(said, DrawdownRule)
        except msgspec.ValidationError:
            return None

    def _add(self, liquidations: Iterable[Liquidation], now: float) -> bool:
        """Add up what was liquidated by the second; whether all of it was by now, as clocks go."""
        liquidated = self._kept.liquidated
        has_all = True
        for liquidation in liquidations:
            at = int(liquidation.at.timestamp())
            if at > now + _AHEAD_SECONDS:
                has_all = False
            else:
                liquidated[at] = liquidated.get(at, 0.0) + liquidation.notional
        return has_all

    def _cover(self, finding: Finding, now: float) -> None:
        """Remember that everything was heard from then until now, as one span where it joins the last."""
        if finding.covered_since is None:
            return
        since = finding.covered_since.timestamp()
        covered = self._kept.covered
        while covered and covered[-1][1] >= since:
            since = min(since, covered.pop()[0])
        covered.append((since, now))

    def _heard(self, since: float) -> float:
        """The share of the window from ``since`` on in which everything was heard."""
        until = since + self._window
        spans = ((max(since, start), min(until, end)) for start, end in self._kept.covered)
        return sum(end - start for start, end in spans if end > start) / self._window

    def _forget(self, now: float) -> None:
        """Close the windows that are over, and let go of what no longer counts."""
        kept, window = self._kept, self._window
        baseline = now - self._conditions.spike.baseline_hours * 3600.0
        first = max(baseline, min((since for since, _ in kept.covered), default=now))
        for start in range(int(first) // window * window, int(now) - window - _LATE_SECONDS + 1, window):
            if start not in kept.windows and self._heard(start) >= self._conditions.spike.least_heard:
                liquidated = (total for at, total in kept.liquidated.items() if start <= at < start + window)
                kept.windows[start] = sum(liquidated)
        oldest = int(now) - 3 * window - _LATE_SECONDS
        kept.liquidated = {at: total for at, total in kept.liquidated.items() if oldest <= at <= now + _AHEAD_SECONDS}
        kept.covered = [
            (max(since, oldest), min(until, now)) for since, until in kept.covered if oldest <= until and since <= now
        ]
        kept.windows = {start: total for start, total in kept.windows.items() if baseline <= start <= now}
        trailing = now - self._conditions.thin.trailing_hours * 3600.0
        kept.depths = {at: depths for at, depths in kept.depths.items() if trailing <= at <= now}


def _slot(now: float) -> int:
    return int(now) // _DEPTH_EVERY_SECONDS * _DEPTH_EVERY_SECONDS


def _decoded(kept: bytes | None, conditions: Conditions) -> Kept | None:
    """What was kept, unless it is broken, another version's, or of windows of another length."""
    if kept is None:
        return None
    try:
        trail = msgspec.json.decode(kept, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    fits = trail.version == FORMAT and trail.window_minutes == conditions.spike.window_minutes
    return trail if fits else None
