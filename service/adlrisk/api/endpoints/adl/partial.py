"""``POST /adl/partial``: a position before and after a partial ADL."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint
from adlrisk.api.endpoints.adl.schema import PartialAnswer, PartialRequest
from adlrisk.domain.deleverage.partial_close import close_part
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.figures import check_figures
from adlrisk.domain.position.position import MarginMode
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.venues.catalogue import Catalogue


def answer_partial(request: PartialRequest, *, venues: Catalogue) -> PartialAnswer:
    """Answer ``request``; a pure function.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: a size is not a whole number of lots, or is larger than the position; the venue does not have
            the contract, a figure of its own does not fit the position, or the margin mode is not the position's.
    """
    venue = venues[request.venue]
    if request.position.contract not in venue.rules.contracts:
        raise refuse_contract(request.position.contract, venue.rules, path=("position", "contract"))
    check_figures(request.position)
    closed = close_part(
        request.position,
        size=request.close.size or None,
        fraction=request.close.fraction or None,
        fill_price=request.fill_price,
        margin_mode=_find_margin_mode(request),
        lot_size=request.lot_size,
        scenario_prices=request.scenario_prices,
        rules=venue.rules,
    )
    return PartialAnswer(
        closed_size=closed.closed_size,
        fill_price=closed.fill_price,
        realized_pnl=closed.realized_pnl,
        exposure_removed=closed.exposure_removed,
        before=closed.before,
        after=closed.after,
        scenarios=closed.scenarios,
        venue=venue.ref,
    )


def _find_margin_mode(request: PartialRequest) -> MarginMode:
    """The request's margin mode, else the position's, else isolated."""
    asked, own = request.margin_mode, request.position.margin_mode
    if asked is not None and own is not None and asked != own:
        detail = f"is {asked}, but the position's is {own}: leave one out"
        raise RefusedError(problem="margin-mode-mismatch", path=("margin_mode",), detail=detail)
    return asked or own or "isolated"


def _handle_partial(call: Call) -> PartialAnswer:
    return answer_partial(call.body, venues=call.context.venues)


PARTIAL: Final = Endpoint(
    method="POST",
    path="/adl/partial",
    operation_id="closePartially",
    tag="Deleveraging",
    summary="Simulate a partial ADL of a position",
    description="Closes a size or a fraction of one position at `fill_price` (default: the mark price) and returns its "
    "state before and after, the realized PnL, and for each scenario price its PnL with and without the ADL. Ignores "
    "fees, and the risk of liquidation before a scenario price is reached. Safe to retry.",
    handle=_handle_partial,
    body=Body(
        type=PartialRequest,
        limit=lambda context: context.settings.max_score_bytes,
        examples=("adl-partial", "adl-partial-cross"),
    ),
    answers={200: Answer(description="The position before and after.", type=PartialAnswer)},
    problems=(
        "unknown-venue",
        "contract-mismatch",
        "figures-disagree",
        "margin-mode-mismatch",
        "not-a-lot-multiple",
        "close-exceeds-position",
    ),
)
