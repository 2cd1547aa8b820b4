"""Builders of positions, rules and books for tests, and strategies that draw them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import numpy as np

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import derive_state
from adlrisk.domain.queue.book import Book
from adlrisk.domain.rules.card import Funding, Ranking, Source, VenueRules
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.domain.rules.signal_thresholds import Thresholds
from adlrisk.domain.scoring.score import Score, score

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
SIDES = ("long", "short")
CONTRACTS = ("linear", "inverse")

LEVELS = LevelMeter(field="adl", endpoint="GET /adl", levels=(4, 3, 2, 1, 0), direction_confidence="documented")


def a_position(**given: Any) -> Position:
    """A calm long of one unit at 100 with margin 50, changed by ``given``."""
    calm: dict[str, Any] = {"side": "long", "size": 1.0, "entry_price": 100.0, "mark_price": 100.0}
    if "leverage" not in given and "equity" not in given:
        calm["margin"] = 50.0
    return Position(**{**calm, **given})


def rules(**given: Any) -> VenueRules:
    """The rules of an invented venue with a five-level meter, changed by ``given``."""
    made_up: dict[str, Any] = {
        "id": "made_up",
        "name": "Made-up",
        "kind": "exchange",
        "mechanism": "queue",
        "confidence": "documented",
        "ranking": Ranking(formula="pnl_leverage"),
        "meter": LEVELS,
        "funding": Funding(interval_hours=8.0),
        "score": Thresholds(),  # a new one: the default object is shared by all cards, with its cached values
        "sources": (Source(title="none", where="made up for tests", read=date(2026, 1, 1)),),
    }
    return VenueRules(**{**made_up, **given})


def state_of(position: Position, rate: float | None = None, basis: Any = "mark") -> Any:
    """The ``PositionState`` of ``position`` with a maintenance margin rate; untyped, as most figures may be unknown."""
    return derive_state(position, maintenance_margin_rate=rate, maintenance_basis=basis)


def scored(
    position: Position,
    market: Market | None = None,
    *,
    as_of: datetime = WEDNESDAY,
    cached: frozenset[str] = frozenset(),
    **card: Any,
) -> Score:
    """The score of ``position`` at the invented venue."""
    return score(position, market=market or Market(), rules=rules(**card), as_of=as_of, cached=cached)


def entry_and_mark(side: str, contract: str, pnl_to_notional: float) -> tuple[float, float]:
    """Prices at which a position has exactly this PnL over notional."""
    s = 1.0 if side == "long" else -1.0
    if contract == "linear":  # s·(M − E)/M
        return 100.0 - s * 100.0 * pnl_to_notional, 100.0
    return 100.0, 100.0 + s * 100.0 * pnl_to_notional  # s·(M − E)/E


amounts = st.floats(min_value=1e-6, max_value=1e9)
prices = st.floats(min_value=1e-6, max_value=1e9)
rates = st.floats(min_value=1e-4, max_value=0.5)
sides = st.sampled_from(SIDES)
contracts = st.sampled_from(CONTRACTS)
contract_sizes = st.sampled_from((1.0, 0.001, 100.0))
# Created once: creating a strategy for each draw costs more than the draw.
_moves = st.floats(min_value=0.1, max_value=10.0)
_counts = st.integers(min_value=0, max_value=12)
_drawn: dict[str, st.SearchStrategy[Any]] = {
    "side": sides,
    "contract": contracts,
    "size": amounts,
    "contract_size": contract_sizes,
    "leverage": st.floats(min_value=0.5, max_value=200.0),
    "maintenance_margin_rate": st.none() | rates,
    "maintenance_amount": st.just(0.0) | amounts,
    "maintenance_margin": st.none() | amounts,
    "adl_meter": st.none() | st.sampled_from((0.0, 1.0, 2.0, 3.0, 4.0)),
}


def _position(draw: st.DrawFn, /, **fixed: Any) -> Position:
    """A position from ordinary to extreme; the mark is between a tenth of the entry and ten times it."""
    if "entry_price" not in fixed:
        fixed["entry_price"] = draw(prices)
    if "mark_price" not in fixed:
        fixed["mark_price"] = fixed["entry_price"] * draw(_moves)
    others = {name: draw(strategy) for name, strategy in _drawn.items() if name not in fixed}
    return Position(**others, **fixed)


positions = st.composite(_position)

markets = st.builds(
    Market,
    funding_rate=st.none() | st.floats(min_value=-0.05, max_value=0.05),
    funding_interval_hours=st.none() | st.sampled_from((1.0, 4.0, 8.0)),
    liquidation_spike=st.none() | st.booleans(),
    thin_liquidity=st.none() | st.booleans(),
    adl_trigger=st.none() | st.booleans(),
    insurance_fund=st.none() | st.floats(min_value=-1e9, max_value=1e9),
    fund_peak=st.none() | st.floats(min_value=1e-6, max_value=1e9),
    adl_rating=st.none() | st.sampled_from(("low", "medium", "high")),
    settles_at=st.none()
    | st.sampled_from(("2026-11-18T12:00:00Z", "2026-11-19T02:30:00+09:00", "2100-01-01T00:00:00Z")),
    open_interest_high=st.none() | st.booleans(),
)
moments = st.integers(min_value=0, max_value=100 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def book_of(held: list[Position], *, mark_price: float = 100.0, contract: Any = "linear", size: float = 1.0) -> Book:
    """The positions as a book of one contract; their own mark price and contract are ignored."""

    def column(name: str) -> Any:
        return np.array([getattr(position, name) for position in held], dtype=np.float64)

    return Book(
        mark_price=mark_price,
        contract=contract,
        contract_size=size,
        is_long=np.array([position.side == "long" for position in held], dtype=np.bool_),
        size=column("size"),
        entry_price=column("entry_price"),
        equity=column("equity"),
        margin=column("margin"),
        leverage=column("leverage"),
        wallet_balance=column("wallet_balance"),
        maintenance_margin_rate=column("maintenance_margin_rate"),
        maintenance_amount=column("maintenance_amount"),
        maintenance_margin=column("maintenance_margin"),
        maintenance_on_entry=np.array(
            [{"entry": 1.0, "mark": 0.0, None: np.nan}[position.maintenance_basis] for position in held]
        ),
    )


@st.composite
def books(draw: st.DrawFn, /, **fixed: Any) -> list[Position]:
    """Up to 12 positions of one contract at one mark price, from which a book can be made."""
    mark = draw(prices)
    common = {"mark_price": mark, "contract": draw(contracts), "contract_size": draw(contract_sizes), **fixed}

    def one() -> Position:
        return _position(draw, **{"entry_price": mark * draw(_moves), **common})

    return [one() for _ in range(draw(_counts))]
