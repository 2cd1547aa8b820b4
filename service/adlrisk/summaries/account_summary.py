"""The summary of a margin account: its figures, a part for each leg, and what an ADL would leave open."""

from collections.abc import Iterable

from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, Leg, ScoredLeg
from adlrisk.domain.account.figures import AccountFigures, CommonMove
from adlrisk.domain.account.move_words import describe_moves
from adlrisk.domain.account.underlyings import Underlying
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import NumberFormatter, format_number, format_percent
from adlrisk.summaries.layout import lay_out
from adlrisk.summaries.score_summary import (
    Part,
    describe_missing,
    describe_position,
    describe_venue,
    list_actions,
    list_judgement,
    list_signals,
)


def summarise_account(request: Account, answer: AccountAnswer) -> str:
    """The summary of ``answer`` to ``request``."""
    count = len(request.positions)
    figures = lay_out(
        f"account of {count} {'leg' if count == 1 else 'legs'} at {answer.venue.id}, as of {answer.as_of}",
        [
            ("account", list(_list_figures(answer.account))),
            ("if taken", [_describe_underlying(one) for one in answer.underlyings]),
            ("missing", [", ".join(answer.account.missing) or "nothing"]),
            ("venue", [describe_venue(answer.venue)]),
        ],
    )
    legs = [_summarise_leg(leg, found) for leg, found in zip(request.positions, answer.positions, strict=True)]
    return "\n".join((figures, *legs))


def _list_figures(figures: AccountFigures) -> Iterable[str]:
    yield (
        f"equity {_or_unknown(figures.equity)}, maintenance margin {_or_unknown(figures.maintenance_margin)}, "
        f"margin ratio {_or_unknown(figures.margin_ratio, format_percent)}"
    )
    yield (
        f"gross leverage {_or_unknown(figures.gross_leverage)}, net leverage {_or_unknown(figures.net_leverage)}, "
        f"{_describe_liquidation(figures.nearest_liquidation)}"
    )


def _describe_liquidation(nearest: CommonMove | None) -> str:
    if nearest is None:
        return "nearest liquidation unknown"
    if nearest.is_due:
        return "liquidation is due"
    moves = describe_moves(nearest)
    if moves is None:
        return "no liquidation while all marks move together"
    return f"liquidation if all marks {moves}"


def _describe_underlying(one: Underlying) -> str:
    if one.first is None or one.if_taken is None:
        return f"{one.underlying}: which leg comes first is unknown"
    return f"{one.underlying}: {one.first} first, net notional then {_or_unknown(one.if_taken.net_notional_after)}"


def _summarise_leg(leg: Leg, found: object) -> str:
    market = f" {leg.symbol}" if leg.symbol else ""
    return lay_out(f"{leg.margin_mode} leg {leg.id}:{market} {describe_position(leg)}", _list_leg(found))


def _list_leg(found: object) -> Iterable[Part]:
    if not isinstance(found, ScoredLeg):
        return [("not scored", [found.detail])] if isinstance(found, RefusedError) else []
    return [
        *list_judgement(found),
        *list_signals(found),
        ("actions", list_actions(found, at_most=1)),
        ("missing", [describe_missing(found)]),
    ]


def _or_unknown(value: float | None, formatter: NumberFormatter = format_number) -> str:
    return "unknown" if value is None else formatter(value)
