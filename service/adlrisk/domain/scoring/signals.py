"""The five signals of an approaching auto-deleveraging, judged independently.

A signal that cannot be judged is unknown (``fired`` is ``None``) and names the request fields that would
settle it; it never counts as calm. What an answer says of them is in ``signal_reasons``.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter, Meter
from adlrisk.domain.rules.signal_thresholds import PrecomputedThresholds, Thresholds
from adlrisk.domain.rules.threshold import Threshold
from adlrisk.domain.scoring.shared_account import SharedAccount

SignalName = Literal["leverage", "profit", "funding", "market_stress", "adl_meter"]
SignalSource = Literal["request", "cache", "clock"]
Criterion = Literal["pnl_to_notional", "profit_share"]
Stress = Literal["spike", "thin_liquidity", "event", "thin_session"]

POINTS_PER_SIGNAL: Final = 2
_STANDARD_INTERVAL_HOURS: Final = 8.0
_FUNDING_FIELDS: Final = frozenset({"funding_rate", "funding_interval_hours"})
_STRESS_FIELDS: Final = frozenset({"liquidation_spike", "thin_liquidity"})


class Judgement(Struct, frozen=True, gc=False):
    """A signal as it was judged, without words."""

    signal: SignalName
    fired: bool | None  # None: it cannot be judged from what is known
    near: bool | None  # whether it fired or is within 20 % of its threshold; None as for ``fired``
    value: float | None = None  # what was compared with the threshold
    source: SignalSource | None = None  # where the value comes from
    criteria: tuple[Criterion, ...] = ()  # of the profit signal: those that fired it
    stress: Stress | None = None  # of the market's: what fired it
    missing: tuple[str, ...] = ()  # the request fields that would settle it if it is unknown
    applicable: bool = True  # False: the venue has nothing to judge it by


def judge_signals(
    position: Position,
    state: PositionState,
    *,
    market: Market,
    rules: VenueRules,
    as_of: datetime,
    cached: frozenset[str] = frozenset(),
    account: SharedAccount | None = None,
) -> tuple[Judgement, ...]:
    """The five judgements, always in the same order; ``cached`` names the fields of ``market`` taken from a record.

    ``account`` is what a cross leg shares with other legs.

    Raises:
        RefusedError: the venue has no meter, or its meter does not know the reading.
    """
    thresholds = rules.score.precomputed
    return (
        _judge_leverage(state, thresholds.leverage, account),
        _judge_profit(state, thresholds, account),
        _judge_funding(market, rules, cached),
        _judge_market_stress(market, rules.score, as_of, cached),
        _judge_meter(position.adl_meter, rules),
    )


def normalise_reading(reading: float, meter: Meter, *, name: str = "adl_meter") -> float | None:
    """A meter's reading on one scale for all venues: 1 is reduced first, 0 last; ``None`` means no rank.

    Levels are spread from 1 to 0 in the order in which the card lists them, evenly if they are fifths of the queue.
    ``name`` is the field of the position that has the reading.

    Raises:
        RefusedError: the reading is not on the meter's scale.
    """
    if reading in meter.none:
        return None
    if isinstance(meter, LevelMeter):
        if reading in meter.levels:
            return meter.place_of(meter.levels.index(int(reading)))
        if reading in meter.also_lowest:
            return 0.0
    elif 0.0 <= reading <= 1.0:
        return reading + 0.0
    raise RefusedError(
        problem="meter-out-of-scale",
        path=("position", name),
        detail=f"{meter.field} cannot read {format_number(reading)}: it runs {describe_scale(meter)}",
    )


def describe_scale(meter: Meter) -> str:
    """The readings of ``meter``, for a sentence."""
    if not isinstance(meter, LevelMeter):
        return "from 1, reduced first, to 0"
    scale = f"{', '.join(map(str, meter.levels))} from reduced first to last"
    if meter.also_lowest:
        scale += f", {', '.join(map(str, meter.also_lowest))} last as well"
    if meter.none:
        scale += f", {', '.join(map(str, meter.none))} for no rank"
    return scale


def _judge_leverage(state: PositionState, limit: Threshold, account: SharedAccount | None) -> Judgement:
    leverage = state.effective_leverage
    if account is not None and account.legs > 1:
        leverage = account.gross_leverage
    if state.equity is None:
        return Judgement("leverage", None, None, missing=_list_backing(account))
    if leverage is not None:
        fired, near = leverage >= limit.reached_from, leverage >= limit.near_from
        return Judgement("leverage", fired, near, leverage, "request")
    # With a known equity above 0 it is the size of some leg that is not known.
    return _LEG_UNKNOWN if state.equity > 0.0 else _BEYOND_ANY_LEVERAGE


_LEG_UNKNOWN: Final = Judgement("leverage", None, None, missing=("positions",))
_BEYOND_ANY_LEVERAGE: Final = Judgement("leverage", fired=True, near=True, source="request")


def _judge_profit(state: PositionState, thresholds: PrecomputedThresholds, account: SharedAccount | None) -> Judgement:
    pnl, share = state.pnl_to_notional, state.profit_share
    limit, heavy = thresholds.profit, thresholds.top_heavy_share
    large, top_heavy = pnl > limit.exceeded_beyond, share is not None and share >= heavy.reached_from
    if share is None and not large:
        return Judgement("profit", None, None, missing=_list_backing(account))
    near = pnl >= limit.near_from or (share is not None and share >= heavy.near_from)
    return Judgement("profit", large or top_heavy, near, pnl, "request", _CRITERIA[large, top_heavy])


_CRITERIA: Final[dict[tuple[bool, bool], tuple[Criterion, ...]]] = {
    (True, True): ("pnl_to_notional", "profit_share"),
    (True, False): ("pnl_to_notional",),
    (False, True): ("profit_share",),
    (False, False): (),
}


def _list_backing(account: SharedAccount | None) -> tuple[str, ...]:
    return ("margin",) if account is None else account.missing_backing


def _judge_funding(market: Market, rules: VenueRules, cached: frozenset[str]) -> Judgement:
    limit, rate = rules.score.precomputed.funding_rate_8h, market.funding_rate
    interval = market.funding_interval_hours or rules.funding.interval_hours
    if rate is None or interval is None:
        return _FUNDING_UNKNOWN[rate is None, interval is None]
    per_8h = rate * _STANDARD_INTERVAL_HOURS / interval + 0.0
    size = abs(per_8h)
    source: SignalSource = "request" if cached.isdisjoint(_FUNDING_FIELDS) else "cache"
    return Judgement("funding", size >= limit.reached_from, size >= limit.near_from, per_8h, source)


_FUNDING_UNKNOWN: Final = {
    (rate, interval): Judgement(
        "funding", None, None, missing=("funding_rate",) * rate + ("funding_interval_hours",) * interval
    )
    for rate, interval in ((True, True), (True, False), (False, True))
}


def _judge_market_stress(market: Market, thresholds: Thresholds, as_of: datetime, cached: frozenset[str]) -> Judgement:
    spike, thin = market.liquidation_spike, market.thin_liquidity
    if spike:
        return _stressed("spike", "cache" if "liquidation_spike" in cached else "request")
    if thin:
        return _stressed("thin_liquidity", "cache" if "thin_liquidity" in cached else "request")
    if thresholds.events and thresholds.event_at(as_of) is not None:
        return _stressed("event", "clock")
    if thin is None and _in_thin_session(thresholds, as_of):
        return _stressed("thin_session", "clock")
    if spike is None:
        return _STRESS_UNKNOWN
    return _CALM if cached.isdisjoint(_STRESS_FIELDS) else _CALM_BY_RECORD


_STRESS_UNKNOWN: Final = Judgement("market_stress", None, None, missing=("liquidation_spike",))
_CALM: Final = Judgement("market_stress", fired=False, near=False, source="request")
_CALM_BY_RECORD: Final = Judgement("market_stress", fired=False, near=False, source="cache")


def _stressed(stress: Stress, source: SignalSource) -> Judgement:
    return Judgement("market_stress", fired=True, near=True, source=source, stress=stress)


def _judge_meter(reading: float | None, rules: VenueRules) -> Judgement:
    meter = rules.meter
    if meter is None:
        if reading is not None:
            raise RefusedError(
                problem="venue-has-no-meter",
                path=("position", "adl_meter"),
                detail=f"{rules.name} publishes no ADL meter that is known; leave adl_meter out",
            )
        return _NO_METER
    if reading is None:
        return _METER_UNKNOWN
    judge = _cached_reading if isinstance(meter, LevelMeter) else _judge_reading
    return judge(reading, meter, rules.score.precomputed.adl_meter)


_NO_METER: Final = Judgement("adl_meter", None, None, applicable=False)
_METER_UNKNOWN: Final = Judgement("adl_meter", None, None, missing=("adl_meter",))


def _judge_reading(reading: float, meter: Meter, limit: Threshold) -> Judgement:
    place = normalise_reading(reading, meter)
    if place is None:
        return _METER_UNKNOWN
    return Judgement("adl_meter", place > limit.exceeded_beyond, place >= limit.near_from, place, "request")


# A level meter has a handful of readings, so their judgements are cached; fractions are unbounded.
_cached_reading: Final = lru_cache(maxsize=1024)(_judge_reading)


def _in_thin_session(thresholds: Thresholds, as_of: datetime) -> bool:
    moment = as_of.astimezone(UTC)
    minute = (moment.weekday() * 24 + moment.hour) * 60 + moment.minute
    for session in thresholds.thin_sessions:  # noqa: SIM110 (a generator costs more than the check)
        if session.contains(minute):
            return True
    return False
