"""The thresholds of a card in force: at what values the signals fire, and what counts as a stressed market."""

from collections.abc import Iterator

import htpy as h

from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.domain.rules.card_words import hours_words, percent_words
from adlrisk.domain.rules.signal_thresholds import Event, ThinSession
from adlrisk.page.venues.parts import render_facts, render_list


def render_thresholds(card: VenueCard) -> h.Node:
    """The five signals' thresholds, the sessions that count as thin, and what the collector goes by."""
    return [
        render_facts(_signals(card)),
        h.details[
            h.summary["What counts as a spike, a thin order book and high open interest"],
            render_facts(_conditions(card)),
            h.p["These figures are adlrisk's own: no venue publishes any."],
        ],
        h.details[
            h.summary["With what leverage positions are taken to be opened"],
            h.p["For books that are made up from open interest, where no mix is given."],
            _render_mix(card),
        ],
    ]


def _signals(card: VenueCard) -> Iterator[tuple[str, h.Node]]:
    score = card.score
    yield "Effective leverage", f"{score.leverage:g} or more"
    yield (
        "Profit",
        f"more than {percent_words(score.profit)} of the notional, or {percent_words(score.top_heavy_share)} of equity",
    )
    yield "Funding rate", f"{percent_words(score.funding_rate_8h)} or more in 8 hours, whatever its sign"
    yield (
        "ADL meter, if there is one",
        f"beyond {percent_words(score.adl_meter)} of the way from the last place to the first",
    )
    yield "Liquidation is near", f"{percent_words(score.near_liquidation)} or less away"
    thin = render_list(map(_session, score.thin_sessions)) if score.thin_sessions else "none"
    yield "Hours with thin order books (UTC)", thin
    if score.events:
        yield "Announced events (as the operators set them)", render_list(map(_event, score.events))


def _session(session: ThinSession) -> str:
    return f"{session.start} to {session.to}"


def _event(event: Event) -> str:
    return f"{event.start} to {event.to}: {event.what}"


def _conditions(card: VenueCard) -> Iterator[tuple[str, h.Node]]:
    spike, thin, interest = card.conditions.spike, card.conditions.thin, card.conditions.open_interest
    spike_words = (
        f"from {spike.times_baseline:g} times the mean of the last {hours_words(spike.baseline_hours)} and from "
        f"{spike.floor:,.10g} of quote currency on, within {spike.window_minutes} minutes"
    )
    yield "A spike of liquidations", spike_words
    yield (
        "A thin order book",
        f"below {percent_words(thin.share_of_median)} of the median of the last {hours_words(thin.trailing_hours)}",
    )
    yield (
        "High open interest",
        f"above {percent_words(interest.percentile)} of the samples of the last {interest.trailing_days} days",
    )


def _render_mix(card: VenueCard) -> h.Renderable:
    return h.table[
        h.thead[h.tr[h.th(scope="col")["leverage"], h.th(scope="col")["share of the open interest"]]],
        h.tbody[
            (
                h.tr[h.td(".number")[f"{each.leverage:g}"], h.td(".number")[percent_words(each.share)]]
                for each in card.leverage_mix
            )
        ],
    ]
