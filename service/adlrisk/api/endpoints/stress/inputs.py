"""The inputs of a simulation: what a request leaves out is filled in from its market record and the venue's card."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, Struct

from adlrisk.api.bulk.job import BulkContext
from adlrisk.api.endpoints.shared.market_lookup import MarketLookup, describe_lookup, find_moment
from adlrisk.api.endpoints.shared.schema import BookPosition
from adlrisk.api.endpoints.stress.schema import FilledInputs, StressRequest
from adlrisk.api.http.problems import ProblemError, field_error, store_unavailable
from adlrisk.domain.position.entries import MAX_ENTRIES, Entry
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MarketRecord, find_tier
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.leverage_mix import MAX_LEVERAGES, LeverageShare
from adlrisk.domain.stress.cohorts import Cohorts, KnownCohorts
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.moves import Moves
from adlrisk.venues.catalogue import Venue
from adlrisk.venues.market_records import Lookup, LookupStatus, MarketKey, StoredRecord

DEFAULT_LOT_SIZE: Final = 1e-8

_EMPTY: Final = MarketRecord()


class Inputs(Struct, frozen=True, kw_only=True):
    """All inputs of a simulation, and where they come from."""

    fund: Fund
    depth: Depth
    lot_size: float
    cohorts: KnownCohorts | None  # None: the request has a book
    moves: Moves | None  # None: it is no exposure
    own: BookPosition | None  # the client's own position beside the book, with its maintenance tier
    filled: FilledInputs
    market: MarketLookup | None


def read_inputs(
    request: StressRequest,
    venue: Venue,
    context: BulkContext,
    *,
    moves: Moves | None = None,
    own: BookPosition | None = None,
) -> Inputs:
    """The inputs of ``request``, with the market record of its symbol, if it names one.

    Raises:
        RefusedError, ProblemError: as in ``complete_inputs``.
    """
    record: Lookup = "absent"
    if request.symbol is not None:
        record = context.read_record(MarketKey(venue.rules.id, request.symbol))
    return complete_inputs(request, venue.rules, record=record, now=context.now, moves=moves, own=own)


def count_cohorts(entries: Sequence[Entry] | None, leverage: Sequence[LeverageShare] | None) -> int:
    """How many cohorts aggregates make up at most; what is still to be filled in counts as the most there can be."""
    return 2 * len(entries or range(MAX_ENTRIES)) * len(leverage or range(MAX_LEVERAGES))


def complete_inputs(
    request: StressRequest,
    rules: VenueRules,
    *,
    record: Lookup,
    now: datetime,
    moves: Moves | None = None,
    own: BookPosition | None = None,
) -> Inputs:
    """The inputs of ``request``; those that it leaves out come from ``record``, the market record of its symbol.

    Raises:
        RefusedError: the record is of another kind of contract, or has no maintenance tier for the client's ``own``
            position.
        ProblemError: more than one book is given, or an input is in neither; all that are missing are named.
    """
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    moment = find_moment(request.as_of, record, as_of) if isinstance(record, StoredRecord) else None
    known = record.market if isinstance(record, StoredRecord) and moment is not None else _EMPTY
    _reject_mismatch(request, known)
    cohorts = _find_cohorts(request)
    filled = _fill(request, cohorts, moves, rules, known)
    if own is not None and filled.maintenance_margin_rate is not None:
        own, filled = _fill_own(request, own, known, filled)
    status = _status_of(record, in_time=moment is not None, is_used=filled != FilledInputs())
    fund, depth = request.fund or _fund_of(filled), request.depth or _depth_of(filled)
    aggregates = None if cohorts is None else _settle_cohorts(request, cohorts, filled, rules)
    if filled.volatility is not None and moves is not None:
        moves = msgspec.structs.replace(moves, volatility=filled.volatility)
    if fund is None or depth is None or _lacks_any(aggregates, moves):
        raise _missing(request.symbol, status, fund=fund, depth=depth, cohorts=aggregates, moves=moves)
    return Inputs(
        fund=fund,
        depth=depth,
        lot_size=request.lot_size or filled.lot_size or DEFAULT_LOT_SIZE,
        cohorts=aggregates,
        moves=moves,
        own=own,
        filled=filled,
        market=None
        if request.symbol is None
        else describe_lookup(record, symbol=request.symbol, status=status, as_of=moment or as_of),
    )


def _reject_mismatch(request: StressRequest, known: MarketRecord) -> None:
    for name in ("contract", "contract_size"):
        ours, theirs = getattr(request, name), getattr(known, name)
        if theirs is not None and ours != theirs:
            detail = f"The record of the symbol says {name} {theirs}, the request {ours}: one of them scales wrongly"
            raise RefusedError(problem="contract-mismatch", path=(name,), detail=detail)


def _find_cohorts(request: StressRequest) -> Cohorts | None:
    """The aggregates that the request gives, none of them if it has no book at all; ``None`` for one with a book."""
    has_book = request.positions is not UNSET or request.columns is not UNSET
    if request.cohorts is UNSET:
        return None if has_book else Cohorts()
    if has_book:
        detail = "exactly one of positions, columns and cohorts is needed"
        raise ProblemError("invalid-request", f"/cohorts: {detail}", errors=(field_error("/cohorts", detail),))
    return request.cohorts


def _fill(
    request: StressRequest, cohorts: Cohorts | None, moves: Moves | None, rules: VenueRules, known: MarketRecord
) -> FilledInputs:
    takes_fund = request.fund is None and known.insurance_fund is not None
    lacks_volatility = moves is not None and moves.volatility is None and moves.moves is None
    filled = FilledInputs(
        insurance_fund=known.insurance_fund if takes_fund else None,
        # Where its fall from the peak is no rule of the venue, a peak says nothing.
        fund_peak=known.fund_peak if takes_fund and rules.trigger.drawdown is not None else None,
        size_for_one_percent=known.size_for_one_percent if request.depth is None else None,
        volatility=known.volatility if lacks_volatility else None,
        lot_size=known.lot_size if request.lot_size is None else None,
    )
    return filled if cohorts is None else _fill_cohorts(request, cohorts, known, filled)


def _fund_of(filled: FilledInputs) -> Fund | None:
    if filled.insurance_fund is None:
        return None
    return Fund(balance=filled.insurance_fund, peak=filled.fund_peak)


def _depth_of(filled: FilledInputs) -> Depth | None:
    if filled.size_for_one_percent is None:
        return None
    return Depth(size_for_one_percent=filled.size_for_one_percent)


def _fill_cohorts(request: StressRequest, cohorts: Cohorts, known: MarketRecord, filled: FilledInputs) -> FilledInputs:
    takes_entries = cohorts.entries is None and bool(known.entries)
    lacks_rate = cohorts.maintenance_margin_rate is None and request.maintenance_margin_rate is None
    return msgspec.structs.replace(
        filled,
        open_interest=(known.open_interest or None) if cohorts.open_interest is None else None,
        entries=known.entries if takes_entries else None,
        entries_seen=known.entries_seen if takes_entries else None,
        # Cohorts are many small accounts.
        maintenance_margin_rate=known.maintenance_tiers[0].rate if lacks_rate and known.maintenance_tiers else None,
    )


def _fill_own(
    request: StressRequest, own: BookPosition, known: MarketRecord, filled: FilledInputs
) -> tuple[BookPosition, FilledInputs]:
    """The client's ``own`` position with the tier of its size, for it is no small account as those of a cohort are."""
    if own.maintenance_margin_rate is not None or own.maintenance_amount > 0.0 or own.maintenance_margin is not None:
        return own, filled
    tier = find_tier(
        known,
        size=own.size,
        contract_size=request.contract_size,
        mark_price=request.mark_price,
        contract=request.contract,
    )
    if tier is None:
        raise RefusedError(
            problem="maintenance-margin-required",
            path=("position", "maintenance_margin_rate"),
            detail="It is larger than the last maintenance tier of the market record: send the rate, or a "
            "maintenance_margin_rate for all",
        )
    own = msgspec.structs.replace(own, maintenance_margin_rate=tier.rate, maintenance_amount=tier.amount)
    return own, msgspec.structs.replace(filled, position_tier=tier)


def _settle_cohorts(request: StressRequest, cohorts: Cohorts, filled: FilledInputs, rules: VenueRules) -> KnownCohorts:
    return KnownCohorts(
        open_interest=cohorts.open_interest or filled.open_interest or 0.0,
        entries=cohorts.entries or filled.entries or (),
        leverage=cohorts.leverage or rules.leverage_mix,
        maintenance_margin_rate=cohorts.maintenance_margin_rate
        or request.maintenance_margin_rate
        or filled.maintenance_margin_rate,
    )


def _status_of(record: Lookup, *, in_time: bool, is_used: bool) -> LookupStatus:
    if not isinstance(record, StoredRecord):
        return record
    if not in_time:
        return "out_of_time"
    return "used" if is_used else "unused"


def _lacks_any(cohorts: KnownCohorts | None, moves: Moves | None) -> bool:
    lacks_aggregates = cohorts is not None and not (cohorts.open_interest and cohorts.entries)
    return lacks_aggregates or (moves is not None and moves.volatility is None and moves.moves is None)


def _missing(
    symbol: str | None,
    status: LookupStatus,
    *,
    fund: Fund | None,
    depth: Depth | None,
    cohorts: KnownCohorts | None,
    moves: Moves | None,
) -> ProblemError:
    """The problem that names all inputs which neither the request nor the market record has."""
    if symbol is not None and status == "unreadable":
        return store_unavailable(f"the market record of {symbol} could not be read")
    missing = {
        "/fund": ("insurance_fund", fund is None),
        "/depth": ("size_for_one_percent", depth is None),
        "/cohorts/open_interest": ("open_interest", cohorts is not None and not cohorts.open_interest),
        "/cohorts/entries": ("entries", cohorts is not None and not cohorts.entries),
        "/moves/volatility": ("volatility", _lacks_any(None, moves)),
    }
    errors = tuple(
        field_error(pointer, f"required, but missing: send it, {_explain(symbol, status, field)}")
        for pointer, (field, is_missing) in missing.items()
        if is_missing
    )
    return ProblemError("input-required", f"{errors[0].pointer}: {errors[0].detail}", errors=errors)


def _explain(symbol: str | None, status: LookupStatus, field: str) -> str:
    if symbol is None:
        return f"or a symbol whose market record has {field}"
    if status == "absent":
        return f"for there is no market record of {symbol}"
    if status == "out_of_time":
        return f"for the market record of {symbol} is not valid at as_of"
    return f"for the market record of {symbol} has no {field}"
