"""The subject of a plan: one position, or a leg of an account, and the requests that score it as it would be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import UNSET, Struct

from adlrisk.api.endpoints.account.leg_of_account import LegOfAccount
from adlrisk.api.endpoints.account.schema import Account
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_position import Asked, complete
from adlrisk.domain.account.figures import AccountFigures
from adlrisk.domain.account.legs import measure_leg
from adlrisk.domain.planning.held import Held
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import Catalogue, Venue
from adlrisk.venues.market_records import Lookup, MarketKey

Records = Mapping[MarketKey, Lookup]


class Subject(Protocol):
    """What a plan is for."""

    venue: Venue
    symbol: str | None
    held: Held
    is_cross: bool

    def request(self, held: Held) -> Struct:
        """The request that scores ``held``."""

    def score(self, held: Held) -> Score:
        """The score that it is answered with."""

    def own_maintenance(self, held: Held) -> float | None:
        """The maintenance margin of ``held`` by the rates of what is in it."""

    def account_after(self, held: Held | None) -> AccountFigures | None:
        """The figures of its account with ``held``, ``None`` being nothing; ``None`` where it has none."""

    def net_exposure(self, held: Held | None) -> float | None:
        """The net notional of all legs beside it with ``held``, ``None`` being nothing; ``None`` where it has none."""

    def request_without(self) -> Struct | None:
        """The request that scores what is left of its account without it; ``None`` where there is none."""


class LonePosition:
    """A position as in ``POST /score``."""

    def __init__(
        self, request: PlanRequest, position: Position, *, venues: Catalogue, as_of: str, records: Records
    ) -> None:
        """Take ``position`` in the margin mode of ``request``."""
        self.venue = venues[request.venue]
        self.symbol = request.symbol
        mode = _check_margin_mode(request.margin_mode, position)
        self.held = Held(position=msgspec.structs.replace(position, margin_mode=mode))
        self.is_cross = mode == "cross"
        self._asked, self._venues, self._as_of = request, venues, as_of
        key = None if request.symbol is None else MarketKey(self.venue.rules.id, request.symbol)
        self._record: Lookup = "absent" if key is None else records.get(key, "absent")
        self._now = datetime.fromisoformat(as_of)

    def request(self, held: Held) -> ScoreRequest:
        """The body of ``POST /score``."""
        return ScoreRequest(
            venue=self._asked.venue,
            symbol=self._asked.symbol,
            position=held.position,
            market=self._asked.market or Market(),
            as_of=self._as_of,
        )

    def score(self, held: Held) -> Score:
        """Its answer."""
        return answer_score(self.request(held), venues=self._venues, now=self._now, record=self._record)

    def own_maintenance(self, held: Held) -> float | None:
        """The position's own, at the tier that it then has."""
        asked = Asked(held.position, self._asked.market or Market(), self._asked.symbol, self._as_of)
        given = complete(asked, rules=self.venue.rules, now=self._now, record=self._record)
        return measure_leg(given.position, self.venue.rules, symbol="", underlying="").maintenance

    def account_after(self, held: Held | None) -> None:
        """It has no other legs."""

    def net_exposure(self, held: Held | None) -> None:
        """It has no other legs."""

    def request_without(self) -> None:
        """Nothing is left without it."""


def open_subject(request: PlanRequest, *, venues: Catalogue, as_of: str, records: Records) -> Subject:
    """What ``request`` plans for.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: margin modes or legs contradict each other, no leg has the id, or the leg cannot be read.
    """
    if request.position is not UNSET:
        return LonePosition(request, request.position, venues=venues, as_of=as_of, records=records)
    account = Account(
        venue=request.venue,
        wallet_balance=request.wallet_balance,
        equity=request.equity,
        maintenance_margin=request.maintenance_margin,
        markets=request.markets or {},
        as_of=as_of,
        positions=[] if request.positions is UNSET else request.positions,
    )
    now = datetime.fromisoformat(as_of)
    return LegOfAccount(account, request.leg or "", venue=venues[request.venue], now=now, records=records)


def market_keys(request: PlanRequest, venues: Catalogue) -> list[MarketKey]:
    """The keys of the market records of what the request names."""
    symbols = [request.symbol] if request.positions is UNSET else [leg.symbol for leg in request.positions]
    named = dict.fromkeys(symbol for symbol in symbols if symbol is not None)
    return [MarketKey(venues[request.venue].rules.id, symbol) for symbol in named]


def _check_margin_mode(asked: MarginMode | None, position: Position) -> MarginMode | None:
    own = position.margin_mode
    if asked is not None and own is not None and asked != own:
        detail = f"is {asked}, but the position's is {own}: leave one out"
        raise RefusedError(problem="margin-mode-mismatch", path=("margin_mode",), detail=detail)
    return asked
