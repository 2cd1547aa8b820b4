"""Small books with all that a simulation goes by, and strategies that draw them, so that boundaries occur often."""

from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec

from adlrisk.domain.deleverage.policies import POLICIES, Policy
from adlrisk.domain.position.position import Contract, Position
from adlrisk.domain.queue.book import Book
from adlrisk.domain.rules.card import Ranking, TriggerRule
from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.simulation import Simulated, simulate
from adlrisk.domain.stress.terms import FillPrice, Terms
from support.builders import book_of, rules
from support.stress.chain import Chain

NEEDING = ("pnl_over_margin_ratio", "profit_times_margin_ratio")


class Scene(msgspec.Struct, kw_only=True, frozen=True):
    """A book, the terms, and the marks; the defaults are a venue with BitMEX's queue and a deep, rich market."""

    held: list[Position]
    marks: list[float]
    mark: float = 100.0
    contract: Contract = "linear"
    contract_size: float = 1.0
    depth: Depth = Depth(levels=(DepthLevel(offset=0.5, size=1e9),))
    fund: Fund = Fund(balance=1e9)
    fill_price: FillPrice = "bankruptcy"
    lot_size: float = 1.0
    policy: Policy = "venue"
    rate: float | None = None
    impact: float = 0.0
    card: dict[str, Any] = {}

    @property
    def book(self) -> Book:
        return book_of(self.held, mark_price=self.mark, contract=self.contract, size=self.contract_size)

    @property
    def terms(self) -> Terms:
        return Terms(
            rules=rules(**self.card),
            depth=self.depth,
            fund=self.fund,
            fill_price=self.fill_price,
            lot_size=self.lot_size,
            policy=self.policy,
            maintenance_margin_rate=self.rate,
            permanent_impact=self.impact,
        )

    @property
    def ids(self) -> list[str]:
        return [f"account {place}" for place in range(len(self.held))]

    def simulate(self) -> Simulated:
        """All positions and what becomes of them, by the program."""
        watched = range(len(self.held))
        return simulate(self.book, self.terms, self.marks, ids=self.ids, watched=watched)

    def read_slowly(self) -> Chain:
        """The same by the slow reading."""
        chain = Chain(self.book, self.terms)
        for mark in self.marks:
            chain.step(Fraction(mark), depth_left=Fraction(self.depth.depth_left))
        return chain

    def changed(self, **changes: Any) -> "Scene":
        return msgspec.structs.replace(self, **changes)


# Created once: creating a strategy for each draw costs more than the draw.
_KINDS: tuple[Contract, ...] = ("linear", "inverse")
_CONTRACTS = st.sampled_from(_KINDS)
_FILLS = st.sampled_from(("bankruptcy", "mark", "given"))
_BACKINGS = st.sampled_from(("margin", "margin", "equity", "leverage", "due", "level"))
_WALLETS = st.sampled_from((None, None, 3.0, 50.0))
_ONE_OF_FOUR = st.integers(min_value=0, max_value=3)
_MONEY = ("margin", "equity", "maintenance_margin", "maintenance_amount")
_SIDES = st.sampled_from(("long", "short"))
_LOTS = st.integers(min_value=1, max_value=12)
_COUNTS = st.integers(min_value=0, max_value=8)
_STEPS = st.integers(min_value=1, max_value=3)
_LEVELS = st.integers(min_value=1, max_value=4)
_POLICIES = st.sampled_from(POLICIES)
_IMPACTS = st.sampled_from((0.0, 0.0, 0.5, 0.75, 1.0))
_TAKES_OVER = st.sampled_from((0.0, 0.0, 0.5, 1.0, 4.0))
_BALANCES = st.sampled_from((-8.0, 0.0, 1.0, 2.0, 5.0, 8.0, 20.0, 64.0, 500.0))
_FLOORS = st.sampled_from((0.0, 0.0, 0.0, 2.0, 8.0))
_PEAKS = st.sampled_from((None, None, 32.0, 64.0))
_DRAWDOWNS = st.sampled_from((None, 0.25, 0.5, 1.0))
_LEFT = st.sampled_from((1.0, 1.0, 0.5, 0.25, 0.3))
_FORMULAS = st.sampled_from(
    ("pnl_leverage", "price_ratio_leverage", "value_ratio_leverage", "pnl_over_equity", *NEEDING)
)
_BASES = st.sampled_from((None, "mark", "entry"))
_SENT = st.sampled_from((None, None, None, 1.0, 4.0, 16.0, 40.0))
_AMOUNTS = st.sampled_from((0.0, 0.0, 1.0, 5.0))
_FIGURES: dict[bool, dict[str, st.SearchStrategy[Any]]] = {
    # Every decision on these is exact in doubles, but for bankruptcy prices and fills.
    True: {
        "entry": st.sampled_from((80.0, 96.0, 100.0, 104.0, 128.0)),
        "mark": st.sampled_from((64.0, 88.0, 92.0, 96.0, 100.0, 104.0, 112.0, 144.0)),
        "rate": st.sampled_from((None, 0.0078125, 0.03125, 0.0625)),
        "lot": st.sampled_from((1.0, 0.5, 4.0)),
        "size": st.sampled_from((1.0, 0.25, 8.0)),
        "margin": st.sampled_from((0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)),  # a lot
        "offset": st.sampled_from((0.0078125, 0.015625, 0.03125, 0.0625, 0.25)),
        "level": st.sampled_from((0.5, 1.0, 2.0, 3.0, 4.0, 8.0)),
        "given": st.sampled_from((88.0, 96.0, 100.0, 104.0)),
        "leverage": st.sampled_from((1.0, 2.0, 4.0, 8.0, 16.0, 32.0)),
    },
    False: {
        "entry": st.sampled_from((80.0, 95.0, 97.3, 100.0, 101.1, 110.0, 130.0)),
        "mark": st.sampled_from((70.0, 90.0, 94.0, 95.0, 99.9, 100.0, 101.5, 108.0, 150.0)),
        "rate": st.sampled_from((None, 0.005, 0.01, 0.05)),
        "lot": st.sampled_from((1.0, 0.1, 0.3, 1e-8)),
        "size": st.sampled_from((1.0, 0.01, 10.0)),
        "margin": st.sampled_from((0.7, 1.0, 2.0, 5.0, 10.0, 30.0)),
        "offset": st.sampled_from((0.001, 0.005, 0.01, 0.05, 0.3)),
        "level": st.sampled_from((0.3, 1.0, 2.0, 2.5, 4.0, 9.0)),
        "given": st.sampled_from((90.0, 95.0, 100.0, 104.3)),
        "leverage": st.sampled_from((1.0, 2.0, 3.0, 5.0, 10.0, 25.0, 50.0)),
    },
}


@st.composite
def scenes(draw: st.DrawFn, /, *, exact: bool = False, **fixed: Any) -> Scene:
    """Up to eight accounts on both sides; ``exact`` ones are linear, and of numbers whose sums are exact in doubles."""
    figures = _FIGURES[exact]
    contract: Contract = "linear" if exact else draw(_CONTRACTS)
    lot, size, mark = draw(figures["lot"]), draw(figures["size"]), draw(figures["mark"])
    unit = lot * size / (1.0 if contract == "linear" else 8192.0)  # about 1 % of a lot's value
    formula = draw(_FORMULAS)
    drawn = {
        "mark": mark,
        "marks": [draw(figures["mark"]) for _ in range(draw(_STEPS))],
        "contract_size": size,
        "depth": _depth(draw, figures, unit=lot),
        "fund": _fund(draw, unit=unit),
        "fill_price": draw(_FILLS),
        "lot_size": lot,
        "policy": draw(_POLICIES),
        "rate": draw(figures["rate"]) or 0.015625,
        "impact": draw(_IMPACTS),
        "card": {"ranking": Ranking(formula=formula), "trigger": TriggerRule(drawdown=draw(_DRAWDOWNS))},
        **fixed,
    }
    if drawn["fill_price"] == "given":
        drawn["fill_price"] = draw(figures["given"])
    profiles = _Profiles(draw, figures, unit=unit, first_mark=drawn["marks"][0], has_amounts=formula not in NEEDING)
    held = [
        _Profiles.hold(profiles.one(), lots=draw(_LOTS), lot=lot, size=size, mark=mark, contract=contract)
        for _ in range(draw(_COUNTS))
    ]
    return Scene(held=held, contract=contract, **drawn)


class _Profiles:
    """What accounts have in common whatever their size, in money a lot; often that of an account before."""

    def __init__(
        self,
        draw: st.DrawFn,
        figures: dict[str, st.SearchStrategy[Any]],
        *,
        unit: float,
        first_mark: float,
        has_amounts: bool,
    ) -> None:
        self._draw, self._figures, self._unit, self._mark = draw, figures, unit, first_mark
        self._has_amounts = has_amounts
        self._drawn: list[dict[str, Any]] = []

    def one(self) -> dict[str, Any]:
        if self._drawn and self._draw(_ONE_OF_FOUR) == 0:
            return self._draw(st.sampled_from(self._drawn))
        self._drawn.append(self._new())
        return self._drawn[-1]

    def _new(self) -> dict[str, Any]:
        draw, figures, unit = self._draw, self._figures, self._unit
        profile: dict[str, Any] = {
            "side": draw(_SIDES),
            "entry_price": draw(figures["entry"]),
            "maintenance_margin_rate": draw(figures["rate"]),
            "maintenance_basis": draw(_BASES),
            "maintenance_amount": draw(_AMOUNTS) * unit if self._has_amounts else 0.0,
            "wallet_balance": draw(_WALLETS),
        }
        sent = draw(_SENT)
        profile["maintenance_margin"] = None if sent is None else sent * unit
        kind = draw(_BACKINGS)
        if kind == "leverage":
            return {**profile, "leverage": draw(figures["leverage"])}
        if kind in ("margin", "equity"):
            return {**profile, kind: draw(figures["margin"]) * unit}
        rate = draw(figures["rate"]) or 0.015625
        offset = draw(figures["offset"])
        return {
            **profile,
            "at": "due" if kind == "due" else "level",
            "rate": rate,
            "offset": offset,
            "else": draw(figures["margin"]) * unit,
            "first_mark": self._mark,
        }

    @staticmethod
    def hold(
        profile: dict[str, Any], *, lots: int, lot: float, size: float, mark: float, contract: Contract
    ) -> Position:
        """A position of so many lots."""
        given = {
            name: value * lots if value is not None and name in _MONEY else value
            for name, value in profile.items()
            if name not in ("at", "rate", "offset", "else", "first_mark")
        }
        if "at" in profile:
            margin = _boundary(profile, units=lots * lot * size, contract=contract)
            if profile["at"] == "due":
                given |= {"maintenance_margin_rate": profile["rate"], "maintenance_basis": "mark"}
                given |= {"maintenance_margin": None, "maintenance_amount": 0.0}
            given["margin"] = margin if margin > 0.0 else profile["else"] * lots
        return Position(size=lots * lot, mark_price=mark, contract=contract, **given)


def _boundary(profile: dict[str, Any], *, units: float, contract: Contract) -> float:
    """The margin with which an account is just due at the first mark, or has its bankruptcy price at a level there."""
    sign = 1.0 if profile["side"] == "long" else -1.0
    mark: float = profile["first_mark"]
    entry: float = profile["entry_price"]
    price: float = mark if profile["at"] == "due" else mark * (1.0 - sign * profile["offset"])
    inverse = contract == "inverse"
    loss = units * sign * ((1.0 / price - 1.0 / entry) if inverse else (entry - price))
    if profile["at"] != "due":
        return loss
    rate: float = profile["rate"]
    return loss + rate * (units / mark if inverse else units * mark)


def _depth(draw: st.DrawFn, figures: dict[str, st.SearchStrategy[Any]], *, unit: float) -> Depth:
    left = draw(_LEFT)
    if draw(st.integers(min_value=0, max_value=7)) == 0:
        return Depth(size_for_one_percent=draw(figures["level"]) * unit, shape=1.5, depth_left=left)

    def levels() -> tuple[DepthLevel, ...]:
        offsets = sorted({draw(figures["offset"]) for _ in range(draw(_LEVELS))})
        return tuple(DepthLevel(offset=offset, size=draw(figures["level"]) * unit) for offset in offsets)

    if draw(st.booleans()):
        return Depth(levels=levels(), depth_left=left)
    return Depth(bids=levels(), asks=levels(), depth_left=left)


def _fund(draw: st.DrawFn, *, unit: float) -> Fund:
    peak = draw(_PEAKS)
    return Fund(
        balance=draw(_BALANCES) * unit,
        floor=draw(_FLOORS) * unit,
        peak=None if peak is None else peak * unit,
        drawdown=None if peak is None else draw(_DRAWDOWNS),
        takes_over=draw(_TAKES_OVER),
    )
