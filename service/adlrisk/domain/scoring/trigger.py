"""The trigger: what is known of whether the venue is about to deleverage the contract, whoever is then reached."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

from adlrisk.domain.position.market import AdlRating, Market
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_distinct, format_number, format_percent
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.advice.action import Action
from adlrisk.domain.scoring.alerts import (
    Alert,
    RaisedAlert,
    Situation,
    close_before_settlement,
    explain_alerts,
    find_near_settlement,
    format_minute,
    raise_alerts,
)
from adlrisk.domain.scoring.signals import SignalSource

_SHOWN: Final = frozenset({"adl_trigger", "insurance_fund", "adl_rating", "settles_at"})
_LAST_BITS: Final = 1e-9  # by which a balance may exceed its peak and still be it


class Trigger(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of the trigger of an auto-deleveraging; what is null is unknown, not calm."""

    adl_on: Annotated[bool | None, Meta(description="Whether the venue says that an auto-deleveraging is on.")]
    insurance_fund: Annotated[
        float | None, Meta(description="Balance of the insurance fund behind the contract, settlement currency.")
    ]
    fund_drawdown: Annotated[
        float | None,
        Meta(
            description="1 − insurance_fund / fund_peak, a fraction, above 1 while the fund owes; null while either is "
            "unknown, or the peak is below the balance, and so not the peak any more."
        ),
    ]
    rating: Annotated[AdlRating | None, Meta(description="The venue's own rating of the contract's ADL risk.")]
    settles_at: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None,
        Meta(description="When the contract is settled or delisted, as it was given."),
    ]
    source: Annotated[
        SignalSource, Meta(description="`cache` if the market record filled in any of it, else `request`.")
    ]
    reason: Annotated[str, Meta(description="What is known, in a few sentences.")]


class FoundTrigger(Struct, frozen=True):
    """The alerts, and what they and the trigger rest on; ``None``: the market and the position say nothing of it."""

    alerts: tuple[RaisedAlert, ...] = ()
    situation: Situation | None = None
    is_known: bool = False  # anything of the trigger


class ExplainedTrigger(NamedTuple):
    """The trigger if anything of it is known, the alerts, and what to do about a settlement that is near."""

    trigger: Trigger | None = None
    alerts: tuple[Alert, ...] = ()
    actions: tuple[Action, ...] = ()


_NOTHING: Final = FoundTrigger()
_NOTHING_TO_SAY: Final = ExplainedTrigger()


def judge_trigger(position: Position, market: Market, *, rules: VenueRules, as_of: datetime) -> FoundTrigger:
    """The alerts of a position and its market.

    Raises:
        RefusedError: the venue has no meter, or its meter does not know the earlier reading.
    """
    is_known = (
        market.settles_at is not None
        or market.adl_trigger is not None
        or market.insurance_fund is not None
        or market.adl_rating is not None
    )
    # The fast path: most requests say nothing of it.
    if not is_known and market.open_interest_high is None and position.adl_meter_before is None:
        return _NOTHING
    settles_at = None if market.settles_at is None else datetime.fromisoformat(market.settles_at)
    situation = Situation(
        position=position,
        market=market,
        rules=rules,
        fund_drawdown=drawdown_of(market.insurance_fund, market.fund_peak),
        settles_at=settles_at,
        as_of=as_of,
        settlement=find_near_settlement(settles_at, as_of),
    )
    return FoundTrigger(raise_alerts(situation), situation, is_known)


def explain_trigger(found: FoundTrigger, *, cached: frozenset[str]) -> ExplainedTrigger:
    """What was ``found``, with its reasons; ``cached`` names the fields of the market taken from a record."""
    situation = found.situation
    if situation is None:
        return _NOTHING_TO_SAY
    trigger = _describe_trigger(situation, cached) if found.is_known else None
    return ExplainedTrigger(trigger, explain_alerts(found.alerts), close_before_settlement(situation))


def drawdown_of(fund: float | None, peak: float | None) -> float | None:
    """The fall of an insurance fund from its peak, a fraction; ``None`` if it is not known.

    A fund above its peak shows that the peak is out of date, so that the fall from the true one is not known. The form
    is that of 1 − fund / peak which loses no digits where the two are close.

    >>> drawdown_of(70.0, 100.0), drawdown_of(-5.0, 100.0), drawdown_of(101.0, 100.0)
    (0.3, 1.05, None)
    """
    if fund is None or peak is None or fund > peak * (1.0 + _LAST_BITS):
        return None
    return max(0.0, (peak - fund) / peak)


def _describe_trigger(situation: Situation, cached: frozenset[str]) -> Trigger:
    market = situation.market
    sentences = [_say_whether_on(market.adl_trigger)]
    if market.insurance_fund is not None:
        sentences.append(_cached_fund(market.insurance_fund, market.fund_peak))
    if market.adl_rating is not None:
        sentences.append(f"The venue rates the contract's ADL risk {market.adl_rating}.")
    if situation.settles_at is not None:
        sentences.append(_say_settlement(situation.settles_at, situation.as_of))
    return Trigger(
        adl_on=market.adl_trigger,
        insurance_fund=None if market.insurance_fund is None else market.insurance_fund + 0.0,  # no negative zero
        fund_drawdown=situation.fund_drawdown,
        rating=market.adl_rating,
        settles_at=market.settles_at,
        source="request" if cached.isdisjoint(_SHOWN) else "cache",
        reason=" ".join(sentences),
    )


def _say_whether_on(adl_on: bool | None) -> str:  # noqa: FBT001 (what is said of it)
    if adl_on is None:
        return "Whether an auto-deleveraging is on is unknown."
    return f"The venue says that {'an' if adl_on else 'no'} auto-deleveraging is on."


def _say_fund(fund: float, peak: float | None) -> str:
    holds = "The insurance fund holds" if fund > 0.0 else "The insurance fund is used up: its balance is"
    balance, drawdown = format_number(fund, SENTENCE_DIGITS), drawdown_of(fund, peak)
    if peak is None:
        return f"{holds} {balance}; how far it has fallen is unknown without fund_peak."
    if drawdown is None:
        more = f"{format_distinct(fund, peak)}, more than the peak given, {format_number(peak)}"
        return f"{holds} {more}: how far it has fallen is unknown."
    fall = format_percent(drawdown, SENTENCE_DIGITS)
    return f"{holds} {balance}, {fall} below its peak of {format_number(peak, SENTENCE_DIGITS)}."


def _say_settlement(settles_at: datetime, as_of: datetime) -> str:
    if settles_at < as_of:
        return f"The contract was to be settled at {format_minute(settles_at)}, which is past."
    return f"The contract is settled at {format_minute(settles_at)}."


# Cached: one fund is behind many contracts, and its balance changes once in a while.
_cached_fund: Final = lru_cache(maxsize=1024)(_say_fund)
