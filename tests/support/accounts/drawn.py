"""Strategies for margin accounts, as requests of ``POST /account``: of the whole legal range, and ordinary ones."""

import math
from collections.abc import Mapping
from typing import Any, Final

import hypothesis.strategies as st

from support.whole_range import CONTRACT_SIZES, near, positives, rates, signed, within

Drawn = dict[str, Any]

MOST_LEGS: Final = 12
# Venues of every queue formula, of none that is known, and without a queue, by the contracts that they have.
VENUES: Final[Mapping[str, tuple[str, ...]]] = {
    "linear": ("generic", "binance", "okx", "hyperliquid", "coinex", "deribit", "lighter"),
    "inverse": ("generic", "okx", "bybit", "binance_coinm"),
}
# Of these a ranking key has no amount of money in it, as Binance's has.
VENUES_WITHOUT_AMOUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "linear": ("generic", "okx", "hyperliquid", "coinex"),
    "inverse": ("generic", "okx", "bybit"),
}

_contracts: Final = st.sampled_from(("linear", "inverse"))
_sides: Final = st.sampled_from(("long", "short"))
_symbols: Final = st.sampled_from(("BTC", "ETH", "SOL"))
_underlyings: Final = st.none() | st.sampled_from(("BTC", "majors"))
_BACKING: Final = ("equity", "margin", "leverage", "wallet_balance", "maintenance_margin")
_bases: Final = st.none() | st.sampled_from(("mark", "entry"))
_ordinary_marks: Final = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}


def value_at_mark(leg: Mapping[str, Any]) -> float:
    quantity, mark = float(leg["size"] * leg.get("contract_size", 1.0)), float(leg["mark_price"])
    return quantity / mark if leg.get("contract") == "inverse" else quantity * mark


def value_at_entry(leg: Mapping[str, Any]) -> float:
    return value_at_mark({**leg, "mark_price": leg["entry_price"]})


def pnl_of(leg: Mapping[str, Any]) -> float:
    """Unrealized PnL in plain doubles, good enough to draw something near it."""
    gain = value_at_mark(leg) - value_at_entry(leg)
    return gain if (leg["side"] == "long") is (leg.get("contract") != "inverse") else -gain


def maintenance_of(leg: Mapping[str, Any]) -> float:
    """Maintenance margin on the mark, in the same way."""
    rate = leg.get("maintenance_margin_rate") or 0.0
    return max(0.0, value_at_mark(leg) * float(rate) - float(leg.get("maintenance_amount", 0.0)))


@st.composite
def accounts(draw: st.DrawFn) -> Drawn:
    """Accounts of the whole legal range: all magnitudes, and money that nearly cancels."""
    contract = draw(_contracts)
    marks: dict[str, float] = {}
    sizes: dict[str, float] = {}
    legs: list[Drawn] = []
    for number in range(draw(st.integers(1, MOST_LEGS))):
        symbol = draw(st.none() | _symbols)
        named = f"leg {number}" if symbol is None else symbol
        mark = marks.setdefault(named, draw(positives))
        size = sizes.setdefault(named, draw(st.sampled_from(CONTRACT_SIZES)))
        leg = draw(
            _whole_range_legs(contract=contract, mark=mark, contract_size=size, hedged=legs[-1] if legs else None)
        )
        own = {"id": f"leg {number}", "symbol": symbol, "underlying": draw(_underlyings)}
        legs.append(_told(own | leg | draw(_isolated_now_and_then(positives))))
    if draw(st.integers(0, 3)) == 0:
        legs[0].pop("maintenance_margin_rate", None)
    return draw(_backed(legs, contract))


@st.composite
def _whole_range_legs(
    draw: st.DrawFn, *, contract: str, mark: float, contract_size: float, hedged: Drawn | None = None
) -> Drawn:
    """A position; of nearly the same size as ``hedged`` now and then, so that the two cancel."""
    leg: Drawn = {
        "side": draw(_sides),
        "contract": contract,
        "size": draw(positives | near(hedged["size"]) if hedged else positives),
        "contract_size": contract_size,
        "entry_price": draw(near(mark) | positives),
        "mark_price": mark,
        "maintenance_margin_rate": draw(rates),
        "maintenance_basis": draw(_bases),
    }
    return leg | {"maintenance_amount": draw(_amounts(leg))}


@st.composite
def ordinary_accounts(
    draw: st.DrawFn, *, amounts: bool = True, venues: Mapping[str, tuple[str, ...]] = VENUES
) -> Drawn:
    """Accounts as traders have them, with a wallet balance and all rates.

    Their equity is a two-hundredth to twice their gross notional, so that few are due.
    """
    contract = draw(_contracts)
    names = draw(st.lists(_symbols, min_size=1, max_size=3, unique=True))
    marks = {name: _ordinary_marks[name] * draw(st.integers(50, 200)) / 100 for name in names}
    rate_of = {name: draw(st.sampled_from((0.004, 0.005, 0.01, 0.02))) for name in names}
    legs = []
    for number in range(draw(st.integers(1, MOST_LEGS))):
        symbol = draw(st.sampled_from(names))
        worth = draw(st.integers(100, 100_000))
        leg = {
            "id": f"leg {number}",
            "symbol": symbol,
            "underlying": draw(_underlyings),
            "side": draw(_sides),
            "contract": contract,
            "size": float(worth) if contract == "inverse" else round(worth / marks[symbol], 6) + 1e-6,
            "entry_price": marks[symbol] * draw(st.integers(60, 150)) / 100,
            "mark_price": marks[symbol],
            "maintenance_margin_rate": rate_of[symbol],
            "maintenance_basis": draw(_bases),
        }
        if amounts and draw(st.booleans()):
            leg["maintenance_amount"] = maintenance_of(leg) * draw(st.sampled_from((0.25, 0.5, 1.5)))
        legs.append(_told(leg))
    gross, pnl = sum(map(value_at_mark, legs)), math.fsum(map(pnl_of, legs))
    equity = gross * draw(st.integers(5, 50) | st.integers(50, 2000)) / 1000
    return {"venue": draw(st.sampled_from(venues[contract])), "wallet_balance": equity - pnl, "positions": legs}


@st.composite
def isolated_legs(draw: st.DrawFn, beside: Drawn) -> Drawn:
    """A leg with a margin of its own, of a symbol of the account ``beside`` it or of none."""
    like = draw(st.sampled_from(beside["positions"]))
    symbol = draw(st.sampled_from((None, like["symbol"])))
    return _told(
        {
            **like,
            "id": "isolated",
            "symbol": symbol,
            "side": draw(_sides),
            "size": like["size"] * draw(st.integers(1, 30)) / 10,
            "entry_price": like["entry_price"] * draw(st.integers(80, 120)) / 100,
            "margin_mode": "isolated",
            "margin": value_at_mark(like) * draw(st.integers(1, 20)) / 10,
        }
    )


@st.composite
def whole_range_backings(draw: st.DrawFn, leg: Drawn) -> Drawn:
    """What a position of ``POST /score`` says of its account: any of the figures, often near one another."""
    told: Drawn = {}
    names = draw(st.sets(st.sampled_from(_BACKING)) | st.sets(st.sampled_from(_BACKING)).map({"equity"}.union))
    for name in sorted(names):
        if name in ("equity", "wallet_balance"):
            told[name] = draw(_balances([leg], of_pnl=name == "wallet_balance"))
        elif name == "margin":
            told[name] = draw(positives | near(within(abs(pnl_of(leg)))))
        elif name == "leverage":
            told[name] = draw(positives)
        else:
            told[name] = draw(_maintenance_of([leg]))
    return told


@st.composite
def whole_range_scores(draw: st.DrawFn) -> Drawn:
    """Requests of ``POST /score`` whose position tells of its account."""
    contract = draw(_contracts)
    size = draw(st.sampled_from(CONTRACT_SIZES))
    leg = draw(_whole_range_legs(contract=contract, mark=draw(positives), contract_size=size))
    if draw(st.integers(0, 3)) == 0:
        leg["maintenance_margin_rate"] = None
    venue = draw(st.sampled_from(VENUES[contract]))
    return {"venue": venue, "position": _told(leg | draw(whole_range_backings(leg)))}


@st.composite
def _backed(draw: st.DrawFn, legs: list[Drawn], contract: str) -> Drawn:
    """The request with what backs the legs: any, or near what they lose, or near their maintenance margin."""
    cross = [leg for leg in legs if leg.get("margin_mode") != "isolated"]
    request: Drawn = {"venue": draw(st.sampled_from(VENUES[contract])), "positions": legs}
    told = draw(st.sampled_from(("wallet_balance", "wallet_balance", "equity", "both", "neither")))
    if told in ("wallet_balance", "both"):
        request["wallet_balance"] = draw(_balances(cross, of_pnl=True))
    if told in ("equity", "both"):
        request["equity"] = draw(_balances(cross, of_pnl=False))
    if draw(st.integers(0, 3)) == 0:
        request["maintenance_margin"] = draw(_maintenance_of(cross))
    return request


def _balances(legs: list[Drawn], *, of_pnl: bool) -> Any:
    """A wallet balance (``of_pnl``) or an equity: any, or near what leaves nothing, maintenance margin or the value."""
    base = -math.fsum(map(pnl_of, legs)) if of_pnl else 0.0
    wanted = (base, base + math.fsum(map(maintenance_of, legs)), base + math.fsum(map(value_at_mark, legs)))
    return st.one_of(signed, *map(_near_signed, wanted))


def _near_signed(balance: float) -> Any:
    return near(within(abs(balance))).map(lambda size: math.copysign(size, balance))


def _maintenance_of(legs: list[Drawn]) -> Any:
    """A maintenance margin: any, or near that of the legs, below it and above it."""
    own = math.fsum(map(maintenance_of, legs))
    return positives | st.sampled_from((0.25, 0.75, 1.0, 1.5, 4.0)).map(lambda part: within(own * part))


def _amounts(leg: Drawn) -> Any:
    due = value_at_mark(leg) * (leg["maintenance_margin_rate"] or 0.0)
    return st.just(0.0) | st.just(0.0) | positives | near(within(due)) | st.just(within(due / 2))


def _isolated_now_and_then(margins: Any) -> Any:
    alone = st.builds(lambda margin: {"margin_mode": "isolated", "margin": margin}, margins)
    together = st.sampled_from(({}, {}, {}, {"margin_mode": "cross"}, {"leverage": 20.0}))
    return st.one_of(together, together, together, alone)


def _told(leg: Drawn) -> Drawn:
    """The leg without what it does not say."""
    return {name: part for name, part in leg.items() if part is not None}
