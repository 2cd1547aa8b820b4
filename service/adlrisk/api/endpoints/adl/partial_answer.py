"""Answer of ``POST /adl/partial``, for the service and for whoever needs none."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from adlrisk.api.endpoints.account.leg_of_account import LegOfAccount, Records
from adlrisk.api.endpoints.account.schema import Account
from adlrisk.api.endpoints.adl.schema import AccountChange, PartialAnswer, PartialRequest
from adlrisk.domain.deleverage.partial_close import PartialClose, close_part, hold
from adlrisk.domain.planning.held import forget_meter, reduce_size
from adlrisk.domain.planning.option import CLOSING_SIDES, resize_orders
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.figures import check_figures
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.venues.catalogue import Catalogue, Venue

_NO_RECORDS: Final[Records] = {}


def answer_partial(
    request: PartialRequest, *, venues: Catalogue, now: datetime, records: Records = _NO_RECORDS
) -> PartialAnswer:
    """Answer ``request`` at ``now``; a pure function.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: a size is not a whole number of lots, or is larger than the position; the venue does not have
            the contract, a figure of its own does not fit the position, the margin mode is not the position's, or the
            legs of the account contradict each other.
    """
    venue = venues[request.venue]
    if request.position is UNSET:
        closed, account, position = _close_leg(request, venue, now=now, records=records)
    else:
        position, account = request.position, None
        if position.contract not in venue.rules.contracts:
            raise refuse_contract(position.contract, venue.rules, path=("position", "contract"))
        check_figures(position)
        closed = _close(request, position, venue, margin_mode=_find_margin_mode(request, position))
    return PartialAnswer(
        closed_size=closed.closed_size,
        fill_price=closed.fill_price,
        realized_pnl=closed.realized_pnl,
        exposure_removed=closed.exposure_removed,
        before=closed.before,
        after=closed.after,
        scenarios=closed.scenarios,
        account=account,
        orders=resize_orders(request.orders, side=CLOSING_SIDES[position.side], left=closed.after.size),
        venue=venue.ref,
    )


def _close(request: PartialRequest, position: Position, venue: Venue, *, margin_mode: MarginMode) -> PartialClose:
    return close_part(
        position,
        size=request.close.size or None,
        fraction=request.close.fraction or None,
        fill_price=request.fill_price,
        margin_mode=margin_mode,
        lot_size=request.lot_size,
        scenario_prices=request.scenario_prices,
        rules=venue.rules,
    )


def _close_leg(
    request: PartialRequest, venue: Venue, *, now: datetime, records: Records
) -> tuple[PartialClose, AccountChange, Position]:
    """The leg and its account before and after; the leg's states are those that it has in the account."""
    account = Account(
        venue=request.venue,
        wallet_balance=request.wallet_balance,
        equity=request.equity,
        maintenance_margin=request.maintenance_margin,
        positions=[] if request.positions is UNSET else request.positions,
    )
    subject = LegOfAccount(account, request.leg or "", venue=venue, now=now, records=records)
    held = forget_meter(subject.held)
    opened = subject.open(held)
    before = opened.figures
    if held.account is None:
        try:
            closed = _close(request, subject.complete(held), venue, margin_mode="isolated")
        except RefusedError as error:
            raise _locate(error, subject.index) from error
        after = subject.account_with(_find_released(closed))
        return closed, AccountChange(before=before, after=after), held.position
    if before.equity is None:
        detail = "required, but missing: wallet_balance or equity says what backs the leg"
        raise RefusedError(problem="margin-required", path=("wallet_balance",), detail=detail)
    try:
        closed = _close(request, opened.back(held.position), venue, margin_mode="cross")
    except RefusedError as error:
        raise _locate(error, subject.index) from error
    left = closed.after.size
    reduced = reduce_size(held, left, equity=before.equity, own=subject.own_maintenance, fill_price=request.fill_price)
    states = subject.score(held).state, subject.score(reduced).state if left else None
    whole = subject.open(reduced) if left else subject.open_without(reduced)
    closed = msgspec.structs.replace(
        closed,
        before=hold(held.position.size, states[0]),
        after=closed.after if states[1] is None else hold(left, states[1]),
    )
    return closed, AccountChange(before=before, after=whole.figures), held.position


def _find_released(closed: PartialClose) -> float:
    """What an isolated leg gives back to its account: margin and PnL of what is closed; a loss ends at the margin."""
    return max(0.0, closed.before.margin - closed.after.margin + closed.realized_pnl)


def _locate(error: RefusedError, index: int) -> RefusedError:
    """``error`` at the place of the leg, if it is the position's."""
    if error.path[:1] != ("position",):
        return error
    return RefusedError(problem=error.problem, path=("positions", index, *error.path[1:]), detail=error.detail)


def _find_margin_mode(request: PartialRequest, position: Position) -> MarginMode:
    """The request's margin mode, else the position's, else isolated."""
    asked, own = request.margin_mode, position.margin_mode
    if asked is not None and own is not None and asked != own:
        detail = f"is {asked}, but the position's is {own}: leave one out"
        raise RefusedError(problem="margin-mode-mismatch", path=("margin_mode",), detail=detail)
    return asked or own or "isolated"
