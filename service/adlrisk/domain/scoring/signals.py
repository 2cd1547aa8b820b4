"""The five signals of an approaching auto-deleveraging, judged independently and explained with numbers.

A signal that cannot be judged is unknown (``fired`` is ``None``) and names the request fields that would
settle it; it never counts as calm.
"""

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number
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

POINTS_PER_SIGNAL: Final = 2
_STANDARD_INTERVAL_HOURS: Final = 8.0
_FUNDING_FIELDS: Final = frozenset({"funding_rate", "funding_interval_hours"})
_STRESS_FIELDS: Final = frozenset({"liquidation_spike", "thin_liquidity"})


class Signal(Struct, frozen=True, kw_only=True, gc=False):
    """One signal: whether it fired, on what value, and why."""

    signal: SignalName
    points: Annotated[int, Meta(description="2 when fired, else 0.")]
    fired: Annotated[bool | None, Meta(description="null: cannot be judged from what is known.")]
    near: Annotated[
        bool | None, Meta(description="Whether it fired or is within 20 % of its threshold; null as for `fired`.")
    ]
    applicable: Annotated[
        bool, Meta(description="false: the venue has nothing to judge it by, so it widens no range.")
    ] = True
    value: Annotated[float | None, Meta(description="What was compared with the threshold.")]
    threshold: Annotated[float | None, Meta(description="The venue's threshold.")]
    source: Annotated[SignalSource | None, Meta(description="Where the value comes from.")]
    reason: Annotated[str, Meta(description="One sentence with the numbers in it.")]
    profit_share: Annotated[
        float | UnsetType | None, Meta(description="Of the profit signal: the profit's share of equity; null unknown.")
    ] = UNSET
    criterion: Annotated[
        Criterion | UnsetType | None, Meta(description="Of the profit signal: what fired it; null if nothing did.")
    ] = UNSET


class Judgement(Struct, frozen=True, kw_only=True):
    """A signal, and the request fields that would settle it if it is unknown."""

    signal: Signal
    missing: tuple[str, ...] = ()


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
        _leverage(state, thresholds, account),
        _profit(state, thresholds, account),
        _funding(market, rules, cached),
        _market_stress(market, rules.score, as_of, cached),
        _adl_meter(position.adl_meter, rules),
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
        detail=f"{meter.field} cannot read {format_number(reading)}: it runs {_scale(meter)}",
    )


def _leverage(state: PositionState, thresholds: PrecomputedThresholds, account: SharedAccount | None) -> Judgement:
    limit = thresholds.leverage
    leverage, what, net = state.effective_leverage, "Effective leverage", ""
    if account is not None and account.legs > 1:
        leverage, what = account.gross_leverage, "Gross leverage of the account"
        net = "" if account.net_leverage is None else f" (net {format_number(account.net_leverage, SENTENCE_DIGITS)}×)"
    if state.equity is None or (leverage is None and state.equity > 0.0):
        # With a known equity it is the size of some leg that is not known.
        missing = _missing_backing(account) if state.equity is None else ("positions",)
        reason = f"{what} is unknown {_without(missing)}."
        return _unknown("leverage", threshold=limit.value, missing=missing, reason=reason)
    if leverage is None:
        fired, near = True, True
        equity = format_number(state.equity, SENTENCE_DIGITS)
        reason = f"Equity is {equity}: losses have used up the margin, so the position is beyond any leverage."
    else:
        fired, near = leverage >= limit.reached_from, leverage >= limit.near_from
        relation = "at or above" if fired else "below"
        reason = f"{what} {limit.format_distinct(leverage)}×{net} is {relation} the threshold of {limit.text}×."
    return _judgement("leverage", fired, near=near, value=leverage, threshold=limit.value, reason=reason)


def _profit(state: PositionState, thresholds: PrecomputedThresholds, account: SharedAccount | None) -> Judgement:
    pnl, share = state.pnl_to_notional, state.profit_share
    limit, heavy = thresholds.profit, thresholds.top_heavy_share
    large, top_heavy = pnl > limit.exceeded_beyond, share is not None and share >= heavy.reached_from
    near = pnl >= limit.near_from or (share is not None and share >= heavy.near_from)
    relation = "above" if large else "not above"
    reason = f"Unrealized PnL is {limit.format_distinct(pnl)} of the notional, {relation} {limit.text}"
    if share is None and not large:
        missing = _missing_backing(account)
        reason += f". Whether it makes up {heavy.text} of the equity is unknown {_without(missing)}."
        unknown = _unknown("profit", threshold=limit.value, missing=missing, reason=reason)
        return Judgement(signal=replace(unknown.signal, profit_share=None, criterion=None), missing=missing)
    if share:
        relation = "at or above" if top_heavy else "below"
        reason += f", and makes up {heavy.format_distinct(share)} of the equity, {relation} {heavy.text}"
    return Judgement(
        signal=Signal(
            signal="profit",
            points=POINTS_PER_SIGNAL if large or top_heavy else 0,
            fired=large or top_heavy,
            near=near,
            value=pnl,
            threshold=limit.value,
            source="request",
            reason=f"{reason}.",
            profit_share=share,
            criterion="pnl_to_notional" if large else "profit_share" if top_heavy else None,
        )
    )


def _missing_backing(account: SharedAccount | None) -> tuple[str, ...]:
    return ("margin",) if account is None else account.missing_backing


def _without(missing: tuple[str, ...]) -> str:
    """What is missing, as the end of a sentence.

    >>> _without(("wallet_balance", "positions"))
    'without wallet_balance and while a leg cannot be read'
    """
    fields = [f"without {field}" for field in missing if field != "positions"]
    unreadable = ["while a leg cannot be read"] if "positions" in missing else []
    return " and ".join([*fields, *unreadable])


def _funding(market: Market, rules: VenueRules, cached: frozenset[str]) -> Judgement:
    limit = rules.score.precomputed.funding_rate_8h
    rate = market.funding_rate
    interval = market.funding_interval_hours or rules.funding.interval_hours
    if rate is None or interval is None:
        missing = (
            *(("funding_rate",) if rate is None else ()),
            *(("funding_interval_hours",) if interval is None else ()),
        )
        reason = f"Unknown without {' and '.join(missing)}."
        return _unknown("funding", threshold=limit.value, missing=missing, reason=reason)
    per_8h = rate * _STANDARD_INTERVAL_HOURS / interval + 0.0
    size = abs(per_8h)
    fired, near = size >= limit.reached_from, size >= limit.near_from
    sign = "-" if per_8h < 0.0 else ""
    payer = "longs pay shorts" if per_8h > 0.0 else "shorts pay longs" if per_8h < 0.0 else "nobody pays"
    relation = "at or above" if fired else "below"
    reason = f"Funding is {sign}{limit.format_distinct(size)} per 8 h ({payer}), in size {relation} {limit.text}."
    source: SignalSource = "request" if cached.isdisjoint(_FUNDING_FIELDS) else "cache"
    return _judgement("funding", fired, near=near, value=per_8h, threshold=limit.value, source=source, reason=reason)


def _market_stress(market: Market, thresholds: Thresholds, as_of: datetime, cached: frozenset[str]) -> Judgement:
    spike_source: SignalSource = "cache" if "liquidation_spike" in cached else "request"
    spike, thin = market.liquidation_spike, market.thin_liquidity
    if spike:
        return _stress(fired=True, source=spike_source, reason="Liquidations are spiking.")
    if thin:
        thin_source: SignalSource = "cache" if "thin_liquidity" in cached else "request"
        return _stress(fired=True, source=thin_source, reason="Liquidity is reported thin.")
    event = thresholds.event_at(as_of) if thresholds.events else None
    if event is not None:
        reason = f"An event of the venue's card is on until {event.ends_at:%Y-%m-%d %H:%M} UTC: {event.what}."
        return _stress(fired=True, source="clock", reason=reason)
    if thin is None and _in_thin_session(thresholds, as_of):
        when = f"{as_of.astimezone(UTC):%a %H:%M} UTC"
        return _stress(fired=True, source="clock", reason=f"{when} is in a session of thin liquidity.")
    if spike is None:
        reason = (
            "Unknown without liquidation_spike: liquidity is not known to be thin, but that does not rule out a spike."
        )
        return _unknown("market_stress", threshold=None, missing=("liquidation_spike",), reason=reason)
    liquidity = "liquidity is reported normal" if thin is False else "the hour is outside the thin sessions"
    source: SignalSource = "request" if cached.isdisjoint(_STRESS_FIELDS) else "cache"
    return _stress(fired=False, source=source, reason=f"No liquidation spike, and {liquidity}.")


def _adl_meter(reading: float | None, rules: VenueRules) -> Judgement:
    limit, meter = rules.score.precomputed.adl_meter, rules.meter
    if meter is None:
        if reading is not None:
            raise RefusedError(
                problem="venue-has-no-meter",
                path=("position", "adl_meter"),
                detail=f"{rules.name} publishes no ADL meter that is known; leave adl_meter out",
            )
        return _without_meter(rules.name, limit.value)
    if reading is None:
        reason = f"Unknown without adl_meter: {meter.field} ({meter.endpoint})."
        return _unknown("adl_meter", threshold=limit.value, missing=("adl_meter",), reason=reason)
    judged = _cached_reading if isinstance(meter, LevelMeter) else _reading
    return judged(reading, meter, limit)


@cache
def _without_meter(venue: str, threshold: float) -> Judgement:
    signal = Signal(
        signal="adl_meter",
        points=0,
        fired=None,
        near=None,
        applicable=False,
        value=None,
        threshold=threshold,
        source=None,
        reason=f"{venue} publishes no ADL meter that is known.",
    )
    return Judgement(signal=signal)


def _reading(reading: float, meter: Meter, limit: Threshold) -> Judgement:
    place = normalise_reading(reading, meter)
    if place is None:
        reason = f"{meter.field} reads {format_number(reading)}, which means no position or no rank."
        return _unknown("adl_meter", threshold=limit.value, missing=("adl_meter",), reason=reason)
    fired, near = place > limit.exceeded_beyond, place >= limit.near_from
    relation = "above" if fired else "not above"
    reason = (
        f"{meter.field} reads {format_number(reading)} ({_scale(meter)}). Place {limit.format_distinct(place)}, "
        f"where 1 is the front of the queue, is {relation} {limit.text}."
    )
    return _judgement("adl_meter", fired, near=near, value=place, threshold=limit.value, reason=reason)


# A level meter has a handful of readings, so their judgements are cached; fractions are unbounded.
_cached_reading: Final = lru_cache(maxsize=1024)(_reading)


def _judgement(
    name: SignalName,
    fired: bool,  # noqa: FBT001 (reads as a sentence: leverage fired)
    *,
    near: bool,
    value: float | None,
    threshold: float | None,
    source: SignalSource = "request",
    reason: str,
) -> Judgement:
    points = POINTS_PER_SIGNAL if fired else 0
    signal = Signal(
        signal=name,
        points=points,
        fired=fired,
        near=near,
        value=value,
        threshold=threshold,
        source=source,
        reason=reason,
    )
    return Judgement(signal=signal)


def _unknown(name: SignalName, *, threshold: float | None, missing: tuple[str, ...], reason: str) -> Judgement:
    signal = Signal(
        signal=name, points=0, fired=None, near=None, value=None, threshold=threshold, source=None, reason=reason
    )
    return Judgement(signal=signal, missing=missing)


def _stress(*, fired: bool, source: SignalSource, reason: str) -> Judgement:
    return _judgement("market_stress", fired, near=fired, value=None, threshold=None, source=source, reason=reason)


def _in_thin_session(thresholds: Thresholds, as_of: datetime) -> bool:
    moment = as_of.astimezone(UTC)
    minute = (moment.weekday() * 24 + moment.hour) * 60 + moment.minute
    for session in thresholds.thin_sessions:  # noqa: SIM110 (a generator costs more than the check)
        if session.contains(minute):
            return True
    return False


def _scale(meter: Meter) -> str:
    if not isinstance(meter, LevelMeter):
        return "from 1, reduced first, to 0"
    scale = f"{', '.join(map(str, meter.levels))} from reduced first to last"
    if meter.also_lowest:
        scale += f", {', '.join(map(str, meter.also_lowest))} last as well"
    if meter.none:
        scale += f", {', '.join(map(str, meter.none))} for no rank"
    return scale
