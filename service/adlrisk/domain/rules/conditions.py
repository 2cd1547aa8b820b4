"""Market conditions judged from observations: spikes, thin liquidity, the fund's peak, open interest, the ADL trigger.

Each answer may be ``None``, unknown, if there are too few observations.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import NonNegative, Positive

Hours = Annotated[float, Meta(ge=1.0, le=168.0)]
Count = Annotated[int, Meta(ge=1, le=10_000)]
PnlRatio = Annotated[float, Meta(ge=-10.0, le=0.0)]


class SpikeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When liquidations count as a spike. The figures are this project's own: no venue publishes any."""

    window_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=60)], Meta(description="Window over which liquidations are added up, minutes.")
    ] = 5
    times_baseline: Annotated[
        Positive, Meta(description="A spike is at least this multiple of the mean of the windows before.")
    ] = 5.0
    floor: Annotated[NonNegative, Meta(description="Less than this is never a spike; quote currency in a window.")] = (
        250_000.0
    )
    baseline_hours: Annotated[Hours, Meta(description="How far back windows count.")] = 24.0
    least_windows: Annotated[Count, Meta(description="Minimum number of windows before, for a baseline.")] = 12
    least_heard: Annotated[
        Annotated[float, Meta(gt=0.0, le=1.0)],
        Meta(description="Minimum share of a window with a working stream, for it to be complete; a fraction."),
    ] = 0.9


class ThinRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an order book counts as thin. The figures are this project's own: no venue publishes any."""

    share_of_median: Annotated[
        Annotated[float, Meta(gt=0.0, le=1.0)],
        Meta(description="A book is thin below this share of the median before; a fraction."),
    ] = 0.5
    trailing_hours: Annotated[Hours, Meta(description="How far back depths count.")] = 24.0
    least_samples: Annotated[Count, Meta(description="Minimum number of depths before, for a median.")] = 12


class FundRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the largest balance of an insurance fund counts as known."""

    window_hours: Annotated[Hours, Meta(description="How far back the largest balance is looked for.")] = 8.0
    longest_gap_minutes: Annotated[
        Annotated[int, Meta(ge=30, le=1440)],
        Meta(description="The peak is unknown if two balances in the window are further apart, by the venue's times."),
    ] = 60


class OpenInterestRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When open interest counts as high. The figures are this project's own: no venue publishes any."""

    percentile: Annotated[
        Annotated[float, Meta(gt=0.0, lt=1.0)],
        Meta(description="Open interest is high above this percentile of the samples before; a fraction."),
    ] = 0.9
    trailing_days: Annotated[
        Annotated[int, Meta(ge=1, le=30)], Meta(description="How far back samples count; there is one in four hours.")
    ] = 30
    least_samples: Annotated[Count, Meta(description="Minimum number of samples before, for a percentile.")] = 126


class DrawdownRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The PnL ratios at which a contract's drawdown starts and stops a deleveraging.

    The ratio is the contract's PnL less its 8-hour peak, over the pool's largest balance in 8 hours.
    """

    starts_at: Annotated[PnlRatio, Meta(description="Starts at or below.")]
    stops_above: Annotated[PnlRatio, Meta(description="Stops above.")]

    def __post_init__(self) -> None:
        """Reject a rule that stops before it starts."""
        if self.stops_above < self.starts_at:
            raise ValueError("Contradicting field `stops_above`: below `starts_at`, so it would stop as it starts")


class Conditions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules for judging market conditions from a collector's observations."""

    spike: SpikeRule = SpikeRule()
    thin: ThinRule = ThinRule()
    fund: FundRule = FundRule()
    open_interest: OpenInterestRule = OpenInterestRule()
    drawdown: Annotated[
        DrawdownRule | None,
        Meta(description="The rule that the venue documents, if any; a contract's own ratios come first."),
    ] = None
    note: str | None = None


def liquidation_spike(recent: float, *, is_complete: bool, before: Sequence[float], rule: SpikeRule) -> bool | None:
    """Whether liquidations run well above their usual rate.

    Args:
        recent: liquidations in the last window, quote currency.
        is_complete: whether ``recent`` is the full amount, not a lower bound.
        before: the amounts of the complete earlier windows within the baseline.
        rule: the venue's rule.

    >>> liquidation_spike(900_000.0, is_complete=True, before=[100_000.0] * 12, rule=SpikeRule())
    True
    >>> liquidation_spike(400_000.0, is_complete=True, before=[100_000.0] * 12, rule=SpikeRule())
    False
    """
    if recent < rule.floor:
        return False if is_complete else None
    if len(before) < rule.least_windows:
        return None
    if recent >= rule.times_baseline * sum(before) / len(before):
        return True
    return False if is_complete else None


def thin_liquidity(depth: float, *, before: Sequence[float], rule: ThinRule) -> bool | None:
    """Whether the order book is much thinner than usual.

    Args:
        depth: depth within 1 % of mid on the thinner side, quote currency.
        before: earlier depths at equal intervals.
        rule: the venue's rule.

    >>> thin_liquidity(40.0, before=[100.0] * 12, rule=ThinRule())
    True
    """
    if len(before) < rule.least_samples:
        return None
    return depth < rule.share_of_median * _median(before)


def fund_peak(balances: Mapping[int, float], *, now: float, rule: FundRule) -> float | None:
    """The largest balance of an insurance fund in the window before ``now``.

    ``None`` unless balances are known from the start of the window to ``now`` without a long gap, in which a higher one
    may have been missed; and where the fund held nothing.

    Args:
        balances: the fund's balances by the time at which they held, seconds since 1970.
        now: seconds since 1970.
        rule: the venue's rule.

    >>> fund_peak({0: 5.0, 1800: 9.0, 3600: 7.0}, now=3600.0, rule=FundRule(window_hours=1.0))
    9.0
    >>> fund_peak({1800: 9.0, 3600: 7.0}, now=3600.0, rule=FundRule(window_hours=1.0)) is None
    True
    """
    since = now - rule.window_hours * 3600.0
    gap = rule.longest_gap_minutes * 60.0
    # The last balance before the window held when it began.
    started_at = max((at for at in balances if at <= since), default=None)
    if started_at is None:
        return None
    times = sorted(at for at in balances if started_at <= at <= now)
    if any(after - before > gap for before, after in itertools.pairwise((*times, now))):
        return None
    peak = max(balances[at] for at in times)
    return peak if peak > 0.0 else None


def open_interest_high(now: float, *, before: Sequence[float], rule: OpenInterestRule) -> bool | None:
    """Whether open interest is above a percentile of its own samples before, which is one of them (nearest rank).

    Args:
        now: open interest now, in any unit that is the same for all samples.
        before: samples at equal intervals.
        rule: the venue's rule.

    >>> open_interest_high(91.0, before=list(range(1, 101)), rule=OpenInterestRule(least_samples=100))
    True
    >>> open_interest_high(90.0, before=list(range(1, 101)), rule=OpenInterestRule(least_samples=100))
    False
    """
    if len(before) < rule.least_samples:
        return None
    rank = math.ceil(rule.percentile * len(before) * (1.0 - 1e-12))  # 0.9 of 10 is the ninth, whatever its last bits
    return now > sorted(before)[max(rank, 1) - 1]


def drawdown_trigger(
    *, pnl_ratio: float, balance: float, trigger_balance: float, was_on: bool | None, rule: DrawdownRule
) -> bool | None:
    """Whether a contract's drawdown keeps a deleveraging active.

    It starts at or below ``starts_at`` while the pool holds more than ``trigger_balance``, and stops above
    ``stops_above``. In between the previous state (``was_on``, may be unknown) stays. The boundary starts it: the
    venue's rule says "below", its example "equal".

    Source: Bybit API documentation, adl-alert, as of 2026-07.
    """
    if pnl_ratio > rule.stops_above:
        return False
    if pnl_ratio <= rule.starts_at and balance > trigger_balance:
        return True
    return was_on


def adl_trigger(*, balance: float, drawdown: bool | None) -> bool | None:
    """Whether a deleveraging is active: the pool is empty, or the drawdown trigger is on.

    Source: Bybit API documentation, adl-alert, as of 2026-07.
    """
    return True if balance <= 0.0 else drawdown


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0
