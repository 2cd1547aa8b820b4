"""An account in the course of being answered: its legs are completed and measured together, then scored one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from adlrisk.api.endpoints.account.checks import check_legs
from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, AccountRequest, Leg, ScoredLeg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg, own_group, shown_group
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.api.endpoints.shared.score_position import Asked, Completed, complete, score_completed
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.account.account import MarginAccount
from adlrisk.domain.account.figures import AccountFigures, GivenFigures
from adlrisk.domain.account.legs import AccountLeg, measure_leg
from adlrisk.domain.account.underlyings import Hedge, Underlying, group_underlyings
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.venues.catalogue import Catalogue, Venue
from adlrisk.venues.market_records import Lookup, MarketKey


class _ReadLeg(NamedTuple):
    id: str
    is_cross: bool
    given: Completed
    measured: AccountLeg


class OpenAccount:
    """An account whose legs are scored one by one, so that other requests can have their turn between them."""

    def __init__(
        self,
        request: Account | AccountRequest,
        legs: Sequence[Leg | UnreadableLeg],
        *,
        venue: Venue,
        now: datetime,
        records: Mapping[MarketKey, Lookup],
    ) -> None:
        """Complete and measure ``legs``, the positions of ``request``.

        Raises:
            RefusedError: legs contradict each other, or the market record of their symbol.
        """
        check_legs(legs)
        self.as_of = request.as_of or format_datetime(now)
        self._venue = venue
        self._legs = [
            leg
            if isinstance(leg, UnreadableLeg)
            else _read_leg(request, leg, index, venue=venue, now=now, records=records)
            for index, leg in enumerate(legs)
        ]
        unreadable = [leg for leg in self._legs if isinstance(leg, UnreadableLeg)]
        hidden = [leg for leg in unreadable if leg.is_cross]
        self._account = MarginAccount(
            legs=[leg.measured for leg in self._legs if isinstance(leg, _ReadLeg) and leg.is_cross],
            given=GivenFigures(
                wallet_balance=request.wallet_balance,
                equity=request.equity,
                maintenance_margin=request.maintenance_margin,
            ),
            unreadable=len(hidden),
            hidden_symbols=frozenset(leg.symbol for leg in hidden),
        )
        self._hidden_underlyings = frozenset(leg.underlying for leg in unreadable)
        self._scored: dict[int, ScoredLeg] = {}

    @property
    def figures(self) -> AccountFigures:
        """The figures of the cross legs together."""
        return self._account.figures

    def score_leg(self, index: int) -> ScoredLeg | RefusedError | ProblemError:
        """Score the leg at ``index`` as a part of the account, or return why it cannot be scored, or not even read."""
        leg = self._legs[index]
        if isinstance(leg, UnreadableLeg):
            return leg.error
        try:
            answer = self._score_cross(leg) if leg.is_cross else score_completed(leg.given, venue=self._venue)
        except RefusedError as error:
            return _locate(error, index)
        scored = _name(answer, leg.id)
        self._scored[index] = scored
        return scored

    def underlyings(self) -> tuple[Underlying, ...]:
        """Group the legs, once all are scored, by what they are a bet on."""
        groups = group_underlyings(
            [
                _as_hedge(leg, self._scored.get(index))
                for index, leg in enumerate(self._legs)
                if isinstance(leg, _ReadLeg)
            ],
            equity=self._account.equity,
            fills_at_mark=self._venue.rules.execution.price == "mark",
            hidden=self._hidden_underlyings,
        )
        return tuple(msgspec.structs.replace(group, underlying=shown_group(group.underlying)) for group in groups)

    def _score_cross(self, leg: _ReadLeg) -> ScoreAnswer:
        account = self._account
        position = msgspec.structs.replace(
            leg.given.position,
            equity=account.equity,
            wallet_balance=account.wallet_balance,
            maintenance_margin=account.maintenance or None,
        )
        shared = None if account.is_one_position else _share(account, leg.measured)
        return score_completed(msgspec.structs.replace(leg.given, position=position), venue=self._venue, account=shared)


def answer_account(
    request: Account, *, venues: Catalogue, now: datetime, unreadable: Sequence[UnreadableLeg] = ()
) -> AccountAnswer:
    """Answer ``request`` at ``now`` without market records; a pure function.

    ``unreadable`` are legs that the account has besides; their errors follow the scores.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: legs contradict each other.
    """
    venue = venues[request.venue]
    legs: list[Leg | UnreadableLeg] = [*request.positions, *unreadable]
    account = OpenAccount(request, legs, venue=venue, now=now, records={})
    return AccountAnswer(
        account=account.figures,
        positions=[account.score_leg(index) for index in range(len(legs))],
        underlyings=account.underlyings(),
        venue=venue.ref,
        as_of=account.as_of,
    )


def market_keys(legs: Sequence[Leg | UnreadableLeg], venue: Venue) -> list[MarketKey]:
    """Return the keys of the legs' market records."""
    symbols = dict.fromkeys(leg.symbol for leg in legs if isinstance(leg, Leg) and leg.symbol is not None)
    return [MarketKey(venue.rules.id, symbol) for symbol in symbols]


def _read_leg(
    request: Account | AccountRequest,
    leg: Leg,
    index: int,
    *,
    venue: Venue,
    now: datetime,
    records: Mapping[MarketKey, Lookup],
) -> _ReadLeg:
    symbol = leg.symbol
    record: Lookup = "absent" if symbol is None else records.get(MarketKey(venue.rules.id, symbol), "absent")
    market = request.markets.get(symbol, _NOTHING_KNOWN) if symbol is not None else _NOTHING_KNOWN
    try:
        given = complete(Asked(_as_position(leg), market, symbol, request.as_of), now=now, record=record)
    except RefusedError as error:
        raise _locate(error, index) from error
    group = symbol or own_group(leg.id)
    measured = measure_leg(given.position, venue.rules, symbol=group, underlying=leg.underlying or group)
    return _ReadLeg(leg.id, leg.margin_mode == "cross", given, measured)


_NOTHING_KNOWN: Final = Market()


def _as_position(leg: Leg) -> Position:
    """The leg as `POST /score` would have it; a cross leg's slider says nothing of what backs it."""
    fields = {name: getattr(leg, name) for name in Position.__struct_fields__}
    if leg.margin_mode == "cross":
        fields["leverage"] = None
    return Position(**fields)


def _share(account: MarginAccount, leg: AccountLeg) -> SharedAccount:
    figures = account.figures
    lacks_rate = account.maintenance is None and leg.maintenance is None
    return SharedAccount(
        legs=len(account.legs) + account.unreadable,
        gross_notional=figures.gross_notional,
        gross_leverage=figures.gross_leverage,
        net_leverage=figures.net_leverage,
        prices=account.prices(leg),
        backing_field=account.backing_field,
        maintenance_field=None
        if account.maintenance is not None
        else ("maintenance_margin_rate" if lacks_rate else "maintenance_margin"),
    )


def _as_hedge(leg: _ReadLeg, scored: ScoredLeg | None) -> Hedge:
    measured = leg.measured
    if scored is None:
        return Hedge(id=leg.id, underlying=measured.underlying, signed_notional=measured.signed_notional, band=None)
    return Hedge(
        id=leg.id,
        underlying=measured.underlying,
        signed_notional=measured.signed_notional,
        band=scored.band,
        meter=scored.signals[-1].value,
        priority=None if scored.queue is None else scored.queue.priority,
        released=0.0 if leg.is_cross else scored.state.equity,
    )


def _name(answer: ScoreAnswer, id_: str) -> ScoredLeg:
    return ScoredLeg(id=id_, **{name: getattr(answer, name) for name in answer.__struct_fields__})


def _locate(error: RefusedError, index: int) -> RefusedError:
    """``error``, whose path begins with "position", at its place in the request."""
    return RefusedError(problem=error.problem, path=("positions", index, *error.path[1:]), detail=error.detail)
