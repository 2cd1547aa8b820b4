"""Rule cards as text: the list of all venues, and what one card says in the order in which a trader asks."""

from collections.abc import Iterable, Sequence
from typing import Final

from adlrisk.api.endpoints.venues.schema import VenueCard, VenueList
from adlrisk.domain.rules.card_words import (
    CLOSING_NOBODY,
    CONFIDENCES,
    FORMULA_TITLES,
    PRICES,
    confidence_words,
    hours_words,
    no_meter_words,
    percent_words,
    ranking_words,
    scale_words,
    yes_words,
)
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.summaries.layout import lay_out, show
from adlrisk.summaries.score_summary import describe_venue

_QUEUE: Final = "A queue: holders of the other side are closed out, in the venue's order."
_COLUMNS: Final = ("id", "rule", "how sure", "name")  # the name last: it may be long


def summarise_venues(listed: VenueList) -> str:
    """A line for each venue: the id that requests take, its rule, how sure that is, and its name."""
    rows = [
        (one.id, ranking_words(one.mechanism, one.formula), confidence_words(one.confidence), show(one.name))
        for one in listed.venues
    ]
    table = [_COLUMNS, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in table
    )


def summarise_card(card: VenueCard, *, aliases: Sequence[str] = ()) -> str:
    """The card of a venue, which requests may also name by one of the ``aliases``."""
    names = " or ".join((card.id, *aliases))
    return lay_out(
        f"{card.name}: {names} in requests",
        [
            ("rule", [*_list_rule(card)]),
            ("how sure", [_describe_confidence(card)]),
            ("otherwise", _list_alternatives(card)),
            ("trigger", [*_list_triggers(card)]),
            ("meter", [*_list_meter(card)]),
            ("fill", [*_list_fill(card)]),
            ("ADL marks", card.fills.adl),
            ("fires at", [*_list_thresholds(card)]),
            ("funding", [*_list_funding(card)]),
            ("margin", [_describe_margin(card)]),
            ("contracts", [" and ".join(card.contracts)]),
            ("not known", card.unknown),
            ("sources", [f"{one.title}: {one.where} (read {one.read})" for one in card.sources]),
            ("venue", [describe_venue(card.venue)]),
        ],
    )


def _list_rule(card: VenueCard) -> Iterable[str]:
    yield ranking_words(card.mechanism, card.ranking.formula)
    yield card.mechanism_note or _QUEUE
    if card.ranking.note:
        yield card.ranking.note


def _describe_confidence(card: VenueCard) -> str:
    sure = confidence_words(card.confidence)
    return f"{sure}: {CONFIDENCES[card.confidence]}" if card.confidence else sure


def _list_alternatives(card: VenueCard) -> list[str]:
    return [
        f"{FORMULA_TITLES.get(other.formula, other.formula)}, {other.confidence}: {other.note} Source: {other.source}"
        for other in card.alternatives
    ]


def _list_triggers(card: VenueCard) -> Iterable[str]:
    trigger = card.trigger
    yield trigger.rule or "unknown"
    if trigger.drawdown is not None:
        yield f"a fall of the insurance fund by {percent_words(trigger.drawdown)} from its peak"
    if trigger.settlement_hours is not None:
        hours = hours_words(trigger.settlement_hours)
        yield f"in the last {hours} before a settlement the insurance fund does not support liquidations"
    yield f"one insurance fund covers: {trigger.pool or 'unknown'}"


def _list_meter(card: VenueCard) -> Iterable[str]:
    meter = card.meter
    if meter is None:
        yield no_meter_words(card.mechanism)
        return
    scale = scale_words(meter.levels if isinstance(meter, LevelMeter) else None)
    yield f"{meter.field} of {meter.endpoint}: {scale} to be closed ({meter.direction_confidence})"
    if meter.trap:
        yield f"easily misread: {meter.trap}"
    if meter.note:
        yield meter.note


def _list_fill(card: VenueCard) -> Iterable[str]:
    terms = card.execution
    if card.mechanism in CLOSING_NOBODY:
        yield "nobody is closed"
    else:
        yield (
            f"price: {PRICES[terms.price]}; fee: {terms.fee}; open orders are cancelled: "
            f"{yes_words(terms.cancels_orders)}; in part: {yes_words(terms.partial)}"
        )
    if terms.note:
        yield terms.note


def _list_thresholds(card: VenueCard) -> Iterable[str]:
    score = card.score
    yield (
        f"effective leverage {score.leverage:g}; profit above {percent_words(score.profit)} of the notional or "
        f"{percent_words(score.top_heavy_share)} of equity; funding of {percent_words(score.funding_rate_8h)} in "
        f"8 hours; meter past {percent_words(score.adl_meter)} of the way to the front"
    )
    thin = ", ".join(f"{one.start} to {one.to}" for one in score.thin_sessions)
    yield f"thin order books (UTC): {thin or 'none'}"


def _list_funding(card: VenueCard) -> Iterable[str]:
    yield f"every {hours_words(card.funding.interval_hours)}" if card.funding.interval_hours else "interval unknown"
    if card.funding.note:
        yield card.funding.note


def _describe_margin(card: VenueCard) -> str:
    rate = card.maintenance_margin_rate
    known = "differs by contract or unknown" if rate is None else percent_words(rate)
    return f"maintenance margin on {card.maintenance_basis} value, rate: {known}"
