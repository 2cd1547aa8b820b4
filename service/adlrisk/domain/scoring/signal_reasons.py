"""The five signals as an answer shows them: what was judged, on what numbers, and why."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter, Meter
from adlrisk.domain.rules.signal_thresholds import PrecomputedThresholds, Thresholds
from adlrisk.domain.rules.threshold import Threshold
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import (
    POINTS_PER_SIGNAL,
    Criterion,
    Judgement,
    SignalName,
    SignalSource,
    describe_scale,
)


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


def explain_signals(
    judgements: tuple[Judgement, ...],
    *,
    position: Position,
    state: PositionState,
    market: Market,
    rules: VenueRules,
    as_of: datetime,
    account: SharedAccount | None = None,
) -> tuple[Signal, ...]:
    """The five judgements with their thresholds and reasons."""
    leverage, profit, funding, stress, meter = judgements
    limits = rules.score.precomputed
    explained = (
        (leverage, limits.leverage.value, _explain_leverage(leverage, state, limits.leverage, account)),
        (profit, limits.profit.value, _explain_profit(profit, state, limits)),
        (funding, limits.funding_rate_8h.value, _explain_funding(funding, limits.funding_rate_8h)),
        (stress, None, _explain_market_stress(stress, market, rules.score, as_of)),
        (meter, limits.adl_meter.value, _explain_meter(meter, position.adl_meter, rules)),
    )
    return tuple(
        [
            Signal(
                signal=judgement.signal,
                points=POINTS_PER_SIGNAL if judgement.fired else 0,
                fired=judgement.fired,
                near=judgement.near,
                applicable=judgement.applicable,
                value=judgement.value,
                threshold=threshold,
                source=judgement.source,
                reason=reason,
                profit_share=UNSET if judgement is not profit else state.profit_share,
                criterion=UNSET if judgement is not profit else profit.criteria[0] if profit.criteria else None,
            )
            for judgement, threshold, reason in explained
        ]
    )


def _explain_leverage(
    judgement: Judgement, state: PositionState, limit: Threshold, account: SharedAccount | None
) -> str:
    what, net = "Effective leverage", ""
    if account is not None and account.legs > 1:
        what = "Gross leverage of the account"
        net = "" if account.net_leverage is None else f" (net {format_number(account.net_leverage, SENTENCE_DIGITS)}×)"
    if judgement.fired is None:
        return f"{what} is unknown {_without(judgement.missing)}."
    if judgement.value is None:
        equity = format_number(state.equity or 0.0, SENTENCE_DIGITS)
        return f"Equity is {equity}: losses have used up the margin, so the position is beyond any leverage."
    relation = "at or above" if judgement.fired else "below"
    return f"{what} {limit.format_distinct(judgement.value)}×{net} is {relation} the threshold of {limit.text}×."


def _explain_profit(judgement: Judgement, state: PositionState, limits: PrecomputedThresholds) -> str:
    limit, heavy, share = limits.profit, limits.top_heavy_share, state.profit_share
    relation = "above" if "pnl_to_notional" in judgement.criteria else "not above"
    pnl = limit.format_distinct(state.pnl_to_notional)
    reason = f"Unrealized PnL is {pnl} of the notional, {relation} {limit.text}"
    if judgement.fired is None:
        return f"{reason}. Whether it makes up {heavy.text} of the equity is unknown {_without(judgement.missing)}."
    if not share:
        return f"{reason}."
    relation = "at or above" if "profit_share" in judgement.criteria else "below"
    return f"{reason}, and makes up {heavy.format_distinct(share)} of the equity, {relation} {heavy.text}."


def _without(missing: tuple[str, ...]) -> str:
    """What is missing, as the end of a sentence.

    >>> _without(("wallet_balance", "positions"))
    'without wallet_balance and while a leg cannot be read'
    """
    fields = [f"without {field}" for field in missing if field != "positions"]
    unreadable = ["while a leg cannot be read"] if "positions" in missing else []
    return " and ".join([*fields, *unreadable])


def _explain_funding(judgement: Judgement, limit: Threshold) -> str:
    per_8h = judgement.value
    if per_8h is None:
        return f"Unknown without {' and '.join(judgement.missing)}."
    sign = "-" if per_8h < 0.0 else ""
    payer = "longs pay shorts" if per_8h > 0.0 else "shorts pay longs" if per_8h < 0.0 else "nobody pays"
    relation = "at or above" if judgement.fired else "below"
    return f"Funding is {sign}{limit.format_distinct(abs(per_8h))} per 8 h ({payer}), in size {relation} {limit.text}."


def _explain_market_stress(judgement: Judgement, market: Market, thresholds: Thresholds, as_of: datetime) -> str:
    if judgement.stress == "spike":
        return "Liquidations are spiking."
    if judgement.stress == "thin_liquidity":
        return "Liquidity is reported thin."
    if judgement.stress == "event" and (event := thresholds.event_at(as_of)) is not None:
        return f"An event of the venue's card is on until {event.ends_at:%Y-%m-%d %H:%M} UTC: {event.what}."
    if judgement.stress == "thin_session":
        return f"{as_of.astimezone(UTC):%a %H:%M} UTC is in a session of thin liquidity."
    if judgement.fired is None:
        return (
            "Unknown without liquidation_spike: liquidity is not known to be thin, but that does not rule out a spike."
        )
    is_normal = market.thin_liquidity is False
    liquidity = "liquidity is reported normal" if is_normal else "the hour is outside the thin sessions"
    return f"No liquidation spike, and {liquidity}."


def _explain_meter(judgement: Judgement, reading: float | None, rules: VenueRules) -> str:
    meter = rules.meter
    if meter is None:
        return f"{rules.name} publishes no ADL meter that is known."
    if reading is None:
        return f"Unknown without adl_meter: {meter.field} ({meter.endpoint})."
    explain = _cached_reading if isinstance(meter, LevelMeter) else _explain_reading
    return explain(reading, judgement.value, judgement.fired, meter, rules.score.precomputed.adl_meter)


def _explain_reading(
    reading: float,
    place: float | None,
    fired: bool | None,  # noqa: FBT001 (cached)
    meter: Meter,
    limit: Threshold,
) -> str:
    if place is None:
        return f"{meter.field} reads {format_number(reading)}, which means no position or no rank."
    relation = "above" if fired else "not above"
    return (
        f"{meter.field} reads {format_number(reading)} ({describe_scale(meter)}). "
        f"Place {limit.format_distinct(place)}, where 1 is the front of the queue, is {relation} {limit.text}."
    )


# As their judgements.
_cached_reading: Final = lru_cache(maxsize=1024)(_explain_reading)
