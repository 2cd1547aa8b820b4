"""What an answer of the chain assumes, in plain sentences with their figures, defaults included."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import UNSET, UnsetType

from adlrisk.domain.position.number_format import format_number, format_percent
from adlrisk.domain.rules.chosen_formula import choose_formula
from adlrisk.domain.stress.cohorts import KnownCohorts
from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.fund import floor_of
from adlrisk.domain.stress.moves import Moves, WeightedMoves, settle_degrees_of_freedom, settle_horizon
from adlrisk.domain.stress.terms import Terms


def state_assumptions(terms: Terms, *, positions: int | None) -> list[str]:
    """What a simulation assumes of a book of so many ``positions``; ``None`` for one made up of aggregates."""
    depth_left = terms.depth.depth_left
    return [
        *_book_and_depth(terms, positions=positions),
        _depth_left(depth_left),
        *_fund_and_adl(terms),
        *_impact(terms.permanent_impact, least_depth=depth_left),
        _lots(terms.lot_size),
    ]


def state_exposure_assumptions(
    terms: Terms, *, positions: int | None, given: Moves, weighted: WeightedMoves, cases: Mapping[str, float]
) -> list[str]:
    """What an exposure assumes, as ``state_assumptions`` does, and why its answer is a range."""
    paths = (
        "Each move is reached twice: in one gap, where the fund pays for all overshoot, and in steps of "
        f"{format_percent(weighted.step)}, where liquidations happen on the way and the order book refills."
    )
    return [
        _distribution(given, weighted),
        paths,
        _cases(cases, weighted),
        *_book_and_depth(terms, positions=positions),
        *_fund_and_adl(terms),
        *_impact(terms.permanent_impact, least_depth=min(cases.values())),
        _lots(terms.lot_size),
        "Probabilities are of this model; nobody can forecast a cascade, so read the range over all cases and paths.",
    ]


def state_aggregate_assumptions(
    cohorts: KnownCohorts, *, mixes: int, is_ours: bool, entries_seen: float | None
) -> list[str]:
    """What a book made up of aggregates assumes; ``is_ours`` where the mix of leverage is the default."""
    spread = (
        f"The book is made up: {format_number(cohorts.open_interest)} contracts on each side, spread over "
        f"{_count(len(cohorts.entries), 'entry price')} and {_mixes(cohorts, mixes)} in all combinations; those that "
        "would be liquidated already are left out, and the others scaled up to it."
    )
    sentences = [spread]
    if is_ours:
        sentences.append("The mix of leverage is our own estimate: no venue publishes one.")
    if entries_seen is not None:
        sentences.append(
            f"Of the entry prices {format_percent(entries_seen, 3)} of the open interest was seen being opened; "
            "the rest stands at the mark price at which the observer first met it."
        )
    return sentences


def _mixes(cohorts: KnownCohorts, mixes: int) -> str:
    if mixes:
        return f"each of {mixes} mixes of leverage" if mixes > 1 else "a mix of leverage"
    return _count(len(cohorts.leverage), "leverage")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _book_and_depth(terms: Terms, *, positions: int | None) -> list[str]:
    counted = "" if positions is None else f", {positions} positions"
    market = (
        f"The book is the whole market of the contract{counted}: no hedges elsewhere, and nobody adds margin, closes "
        "or reacts in time."
    )
    refill = "Nothing refills the order book within a step; the next step has the full depth around its own mark price."
    return [market, _maintenance(terms), _depth(terms.depth), refill]


def _fund_and_adl(terms: Terms) -> list[str]:
    return [*_fund(terms), _policy(terms), *_otherwise(terms), *_fill_price(terms)]


def _maintenance(terms: Terms) -> str:
    if terms.maintenance_margin_rate is not None:
        return (
            f"A maintenance margin rate of {format_percent(terms.maintenance_margin_rate)} stands in where a position "
            "has none of its own."
        )
    if terms.rules.maintenance_margin_rate is not None:
        return (
            f"The venue's maintenance margin rate of {format_percent(terms.rules.maintenance_margin_rate)} stands in "
            "where a position has none of its own."
        )
    return "Each position's own maintenance margin decides when it is liquidated, whole, and worst first."


def _depth(depth: Depth) -> str:
    if depth.size_for_one_percent is not UNSET:
        return (
            f"The order book takes {format_number(depth.size_for_one_percent)} contracts on either side within 1 % of "
            f"the mark price, elsewhere as the distance to the power of {format_number(depth.shape)}."
        )
    if depth.levels is not UNSET:
        return f"The order book takes {_total(depth.levels)} contracts on either side, and none beyond its last level."
    return (
        f"The order book takes {_total(depth.bids)} contracts below the mark price and {_total(depth.asks)} above it, "
        "and none beyond its last levels."
    )


def _depth_left(share: float) -> str:
    if share == 1.0:
        return (
            "All of the depth stays while liquidations run (depth_left 1), which is the optimist's: on 10 October 2025 "
            "books emptied to less than a hundredth for moments."
        )
    return f"{format_percent(share)} of the depth is left while liquidations run (depth_left)."


def _fund(terms: Terms) -> list[str]:
    fund, floor = terms.fund, floor_of(terms.fund, drawdown=terms.rules.trigger.drawdown)
    if fund.balance > floor:
        pays = (
            f"The insurance fund holds {format_number(fund.balance)} and pays for closings beyond bankruptcy prices "
            f"until {format_number(floor)} is left; margin that closings leave over goes into it."
        )
    else:
        pays = (
            f"The insurance fund holds {format_number(fund.balance)} and pays for nothing, unless margin that closings "
            f"leave over, which goes into it, takes it above {format_number(floor)}."
        )
    if not fund.takes_over:
        return [pays]
    takes_over = (
        f"Where no level is left, the fund takes positions over, up to {format_number(fund.takes_over)} times what it "
        "holds above that; what becomes of them later is left out."
    )
    return [pays, takes_over]


def _policy(terms: Terms) -> str:
    chosen = choose_formula(terms.rules, terms.formula)
    if chosen is None:
        return f"ADL goes by {terms.policy} among all solvent positions: the venue has no known queue."
    whose = "the request's" if chosen.source == "request" else f"the venue's ({chosen.confidence})"
    if terms.policy == "venue":
        return f"ADL closes from the front of the queue under {chosen.name}, {whose} ranking."
    return f"ADL goes by {terms.policy} among those in the queue under {chosen.name}, {whose} ranking."


def _otherwise(terms: Terms) -> list[str]:
    """What the venue does in place of a queue."""
    rules = terms.rules
    if rules.mechanism == "queue":
        return []
    return [f"This is not what {rules.name} is known to do: {rules.mechanism_note}"]


def _fill_price(terms: Terms) -> list[str]:
    execution = terms.rules.execution
    note = []
    if execution.note and terms.fill_price == execution.price:
        note = [f"What is known of fills at {terms.rules.name}: {execution.note}"]
    if terms.fill_price == "bankruptcy":
        return ["ADL fills at the mean bankruptcy price of what is left over, weighted by size.", *note]
    if terms.fill_price == "mark":
        return ["ADL fills at the mark price.", *note]
    return [f"ADL fills at {format_number(terms.fill_price)}, as the request says."]


def _impact(impact: float, *, least_depth: float) -> list[str]:
    if impact == 0.0:
        return ["Liquidations do not move the mark price (permanent_impact 0), so none triggers another."]
    moves = (
        f"{format_percent(impact)} of what liquidations displace in the order book stays in the mark price "
        "(permanent_impact), which can make others due within the step."
    )
    if least_depth == 1.0:
        return [moves]
    return [moves, "With permanent impact and a thinned order book a cascade often runs away."]


def _lots(lot_size: float) -> str:
    told = Decimal(repr(lot_size).removesuffix(".0"))
    return f"All is counted in lots of {told:f} contracts; fees and funding are left out."


def _distribution(given: Moves, weighted: WeightedMoves) -> str:
    moves = weighted.moves
    if given.volatility is None:
        return (
            f"The request gives {len(moves)} moves from {format_percent(min(moves))} to {format_percent(max(moves))} "
            "with their weights; what is missing to a sum of 1 is the case that nothing happens."
        )
    return (
        f"The mark price moves by Student's t with {format_number(settle_degrees_of_freedom(given))} degrees of "
        f"freedom and a volatility of {format_percent(given.volatility)} a year: a standard deviation of "
        f"{format_percent(weighted.deviation)} in {format_number(settle_horizon(given))} hours, on {len(moves)} moves "
        f"to {format_percent(max(moves))} either way; all beyond counts as the last."
    )


def _cases(cases: Mapping[str, float], weighted: WeightedMoves) -> str:
    shares = ", ".join(f"{name} {format_percent(share)}" for name, share in cases.items())
    return (
        f"Order books empty while liquidations run: of the depth is left, in full from a move of "
        f"{format_percent(2.0 * weighted.deviation)} on (two standard deviations) and linearly before, {shares}."
    )


def _total(levels: Sequence[DepthLevel] | UnsetType) -> str:
    return format_number(sum(level.size for level in levels or ()))
