"""Strategies for requests of ``POST /plan``: ordinary positions and accounts at every venue, and of the whole range."""

from typing import Any, Final

import hypothesis.strategies as st

from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.venues.catalogue import load_catalogue
from support.accounts.drawn import accounts, ordinary_accounts, value_at_entry, value_at_mark, whole_range_scores

Drawn = dict[str, Any]

CATALOGUE: Final = load_catalogue()
WEDNESDAY: Final = "2026-11-18T12:00:00Z"

targets: Final = st.sampled_from(("watch", "low")) | st.integers(0, 8).map(lambda score: {"score": score})
_sides: Final = st.sampled_from(("long", "short"))
_modes: Final = st.sampled_from(("isolated", "cross"))


@st.composite
def markets(draw: st.DrawFn) -> Drawn:
    """What is known about a market: all, or some of it, stressed or calm."""
    known: Drawn = {}
    if draw(st.booleans()):
        known |= {"funding_rate": draw(st.sampled_from((0.0, 0.0001, 0.002, -0.002))), "funding_interval_hours": 8}
    if draw(st.booleans()):
        known |= {"liquidation_spike": draw(st.booleans()), "thin_liquidity": False}
    return known


@st.composite
def _readings(draw: st.DrawFn, venue: str) -> Drawn:
    meter = CATALOGUE[venue].rules.meter
    if meter is None or draw(st.booleans()):
        return {}
    readings = meter.levels if isinstance(meter, LevelMeter) else (0.0, 0.4, 0.9, 1.0)
    return {"adl_meter": draw(st.sampled_from(readings))}


@st.composite
def terms(draw: st.DrawFn) -> Drawn:
    """A target, and at times steps of margin, a depth and orders."""
    given: Drawn = {"target": draw(targets)}
    if draw(st.booleans()):
        given["taker_fee"] = draw(st.sampled_from((0.0, 0.0005, 0.01)))
    if draw(st.booleans()):
        given["margin_step"] = draw(st.sampled_from((0.01, 1.0, 25.0)))
    if draw(st.booleans()):
        given["depth"] = {"size_for_one_percent": draw(st.sampled_from((0.5, 100.0, 1e6)))}
    if draw(st.booleans()):
        given["orders"] = [{"id": "o", "side": draw(st.sampled_from(("buy", "sell"))), "size": 10}]
    return given


@st.composite
def ordinary_plans(draw: st.DrawFn) -> Drawn:
    """One position as traders have them, at any venue: backed by 0.3 % to the double of its value."""
    venue = draw(st.sampled_from(sorted(CATALOGUE)))
    contract = draw(st.sampled_from(CATALOGUE[venue].rules.contracts))
    mark = 1_000.0
    position: Drawn = {
        "side": draw(_sides),
        "contract": contract,
        "size": float(draw(st.integers(1, 5_000))),
        "entry_price": mark * draw(st.integers(80, 125)) / 100,
        "mark_price": mark,
        **draw(_readings(venue)),
    }
    if draw(st.booleans()):
        position["maintenance_margin_rate"] = 0.005
    if draw(st.integers(0, 3)) == 0:
        position["maintenance_margin"] = value_at_mark(position) * draw(st.sampled_from((0.002, 0.01)))
    kind = draw(st.sampled_from(("margin", "margin", "equity", "equity", "leverage", "none")))
    worth = value_at_mark(position) * draw(st.integers(3, 100) | st.integers(100, 2_000)) / 1_000
    if kind == "leverage":
        position["leverage"] = draw(st.integers(1, 100))
    elif kind != "none":
        position[kind] = worth if draw(st.integers(0, 9)) or kind == "margin" else -worth
        if draw(st.booleans()):
            position["wallet_balance"] = worth
    return {
        "venue": venue,
        "position": position,
        "market": draw(markets()),
        "margin_mode": draw(_modes),
        "as_of": WEDNESDAY,
        **draw(terms()),
    }


@st.composite
def account_plans(draw: st.DrawFn) -> Drawn:
    """A leg of an account as traders have them."""
    account = draw(ordinary_accounts())
    legs = account["positions"]
    for leg in legs:
        leg.update(draw(_readings(account["venue"])))
    if draw(st.integers(0, 3)) == 0:
        account["maintenance_margin"] = sum(map(value_at_entry, legs)) * draw(st.sampled_from((0.001, 0.02)))
    if draw(st.booleans()):
        account["markets"] = {leg["symbol"]: draw(markets()) for leg in legs}
    return {**account, "leg": draw(st.sampled_from(legs))["id"], "as_of": WEDNESDAY, **draw(terms())}


_ROWS: Final[st.SearchStrategy[Drawn]] = st.fixed_dictionaries(
    {
        "side": _sides,
        "size": st.integers(1, 60),
        "entry_price": st.sampled_from((800, 900, 950, 1_000, 1_050, 1_200)),
        "leverage": st.sampled_from((2, 5, 10, 25)),
        "maintenance_margin_rate": st.just(0.005),
    }
)


@st.composite
def book_plans(draw: st.DrawFn) -> Drawn:
    """A position, often one with a twin in the book, whose place among others is to be moved back."""
    venue = draw(st.sampled_from([name for name, card in CATALOGUE.items() if card.rules.ranking.formula is not None]))
    contract = draw(st.sampled_from(CATALOGUE[venue].rules.contracts))
    rows: list[Drawn] = draw(st.lists(_ROWS, max_size=25))
    own = draw(st.sampled_from([*rows, draw(_ROWS)]))
    position = {**own, "contract": contract, "mark_price": 1_000}
    if draw(st.booleans()):
        position["equity"] = value_at_mark(position) / draw(st.integers(2, 40))
        del position["leverage"]
    return {
        "venue": venue,
        "position": position,
        "market": draw(markets()),
        "margin_mode": draw(_modes),
        "as_of": WEDNESDAY,
        **draw(terms()),
        "target": draw(st.integers(1, 4).map(lambda fifth: {"leave_fifth": fifth}) | targets),
        "lot_size": 1,
        "margin_step": 1 if contract == "linear" else 1e-4,
        "book": {"positions": [{"id": f"p{index}", **row} for index, row in enumerate(rows)]},
    }


@st.composite
def whole_range_plans(draw: st.DrawFn) -> Drawn:
    """One position or a leg, with numbers of every magnitude."""
    given: Drawn = {"target": draw(targets), "as_of": WEDNESDAY}
    if draw(st.booleans()):
        return {**draw(whole_range_scores()), "margin_mode": draw(_modes), **given}
    account = draw(accounts())
    return {**account, "leg": draw(st.sampled_from(account["positions"]))["id"], **given}
