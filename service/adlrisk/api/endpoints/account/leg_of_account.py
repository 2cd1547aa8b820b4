"""A leg of an account, and the same account with that leg changed: as a plan or a partial close leaves it."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import msgspec

from adlrisk.api.endpoints.account.answer import OpenAccount, ReadLeg, build_reader
from adlrisk.api.endpoints.account.checks import check_legs
from adlrisk.api.endpoints.account.schema import Account, Leg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg
from adlrisk.decoding.plain_words import quote
from adlrisk.domain.account.figures import AccountFigures, GivenFigures
from adlrisk.domain.planning.held import Held, add_margin, reduce_size
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import Venue
from adlrisk.venues.market_records import Lookup, MarketKey

Records = Mapping[MarketKey, Lookup]


class LegOfAccount:
    """A leg as in ``POST /account``, and how it would be scored if it were another; the others are read once."""

    def __init__(self, account: Account, id_: str, *, venue: Venue, now: datetime, records: Records) -> None:
        """Read the legs of ``account``, of which the one with ``id_`` is to change.

        Raises:
            RefusedError, ProblemError: legs contradict each other, a record or their own figures, or none has the id.
        """
        self.venue = venue
        legs = account.positions
        check_legs(legs)
        self.index = _find_leg(legs, id_)
        self._account, self._now = account, now
        self._read = build_reader(account, venue=venue, now=now, records=records)
        self._legs = [_require(self._read(index, leg)) for index, leg in enumerate(legs)]
        leg = legs[self.index]
        self.symbol = leg.symbol
        self.is_cross = leg.margin_mode == "cross"
        given = GivenFigures(
            wallet_balance=account.wallet_balance, equity=account.equity, maintenance_margin=account.maintenance_margin
        )
        self.held = Held(position=leg, account=given if self.is_cross else None)

    def complete(self, held: Held) -> Position:
        """The leg of ``held`` with what its market record fills in."""
        return _require(self._read(self.index, _as_leg(held.position))).given.position

    def request(self, held: Held) -> Account:
        """The body of ``POST /account``."""
        positions: list[Leg] = list(self._account.positions)
        positions[self.index] = _as_leg(held.position)
        given = held.account
        if given is None:
            return msgspec.structs.replace(self._account, positions=positions)
        return msgspec.structs.replace(
            self._account,
            wallet_balance=given.wallet_balance,
            equity=given.equity,
            maintenance_margin=given.maintenance_margin,
            positions=positions,
        )

    def score(self, held: Held) -> Score:
        """The leg's score in its answer.

        Raises:
            RefusedError: the leg cannot be scored.
        """
        scored = self.open(held).score_leg(self.index)
        if isinstance(scored, Score):
            return scored
        raise scored

    def open(self, held: Held) -> OpenAccount:
        """The account with ``held``."""
        legs: list[ReadLeg | UnreadableLeg] = [*self._legs]
        legs[self.index] = self._read(self.index, _as_leg(held.position))
        return OpenAccount(self.request(held), legs, venue=self.venue, now=self._now)

    def open_without(self, held: Held) -> OpenAccount:
        """The account once nothing of the leg is left, and ``held`` says what is behind the others."""
        legs = [leg for index, leg in enumerate(self._legs) if index != self.index]
        return OpenAccount(self.request(held), legs, venue=self.venue, now=self._now)

    def account_after(self, held: Held | None) -> AccountFigures | None:
        """The figures of a cross leg's account with ``held``; with ``None`` once the leg is closed at mark."""
        if not self.is_cross:
            return None
        return self.open_without(self._close()).figures if held is None else self.open(held).figures

    def net_exposure(self, held: Held | None) -> float:
        """The net notional of all legs, isolated ones too, with ``held``; with ``None`` once the leg is closed."""
        measured = [leg.measured for index, leg in enumerate(self._legs) if index != self.index]
        if held is not None:
            measured.append(_require(self._read(self.index, _as_leg(held.position))).measured)
        nets: dict[str, list[float]] = defaultdict(list)
        for leg in measured:
            nets[leg.underlying].append(leg.signed_notional)
        return math.fsum(abs(math.fsum(signed)) for signed in nets.values())

    def request_without(self) -> Account | None:
        """The body of ``POST /account`` once a cross leg is closed; ``None`` where no other leg is left."""
        others = [leg for index, leg in enumerate(self._account.positions) if index != self.index]
        if not self.is_cross or not others:
            return None
        return msgspec.structs.replace(self.request(self._close()), positions=others)

    def _close(self) -> Held:
        """What is behind the others once all of a cross leg is closed at mark: its equity is the account's."""
        return reduce_size(self.held, 0.0, equity=0.0, own=self.own_maintenance)

    def account_with(self, released: float) -> AccountFigures:
        """The figures of the account once an isolated leg has given back ``released`` to it."""
        given = GivenFigures(
            wallet_balance=self._account.wallet_balance,
            equity=self._account.equity,
            maintenance_margin=self._account.maintenance_margin,
        )
        richer = add_margin(Held(position=self.held.position, account=given), released)
        return self.open(richer).figures

    def own_maintenance(self, held: Held) -> float | None:
        """That of all cross legs; of an isolated leg its own."""
        leg = self._read(self.index, _as_leg(held.position))
        others = self._legs[: self.index] + self._legs[self.index + 1 :] if self.is_cross else []
        return _sum_maintenance([leg, *(each for each in others if each.is_cross)])


def _require(leg: ReadLeg | UnreadableLeg) -> ReadLeg:
    """``leg``, for without any of them nobody knows what is behind the others."""
    if isinstance(leg, UnreadableLeg):
        raise leg.error
    return leg


def _find_leg(legs: list[Leg], name: str | None) -> int:
    for index, leg in enumerate(legs):
        if leg.id == name:
            return index
    raise RefusedError(problem="unknown-id", path=("leg",), detail=f"no leg has the id {quote(name or '')}")


def _as_leg(position: Position) -> Leg:
    if isinstance(position, Leg):
        return position
    raise TypeError(type(position))  # a change of a leg is a leg


def _sum_maintenance(legs: list[ReadLeg | UnreadableLeg]) -> float | None:
    total = 0.0
    for leg in legs:
        if isinstance(leg, UnreadableLeg) or leg.measured.maintenance is None:
            return None
        total += leg.measured.maintenance
    return total
