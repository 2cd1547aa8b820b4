"""Strategies for requests, derived from the types that the service decodes, over their whole range."""

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import hypothesis.strategies as st
import msgspec
from msgspec import inspect

from adlrisk.api.endpoints.account.schema import AccountRequest, Leg
from adlrisk.api.endpoints.adl.schema import AllocateRequest, PartialRequest
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresItem, ScoresRequest
from adlrisk.api.endpoints.stress.schema import ExposureRequest, SimulateRequest
from adlrisk.api.endpoints.venues.schema import MarketPut
from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.position.bounds import LARGEST
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.overrides import VenuePatch
from support.fill_facts import FILLS
from support.fuzz.damaged import JUNK
from support.fuzz.stressed import (
    add_own_in_lots,
    all_shares,
    keep_inputs,
    keep_one_depth,
    keep_whole_fall,
    make_up,
    marks,
    moves,
)
from support.running import WEDNESDAY

Drawn = st.SearchStrategy[Any]

CATALOGUE: Final = load_catalogue()
VENUES: Final = sorted([*CATALOGUE, *CATALOGUE.aliases])
QUEUES: Final = sorted(name for name, venue in CATALOGUE.items() if venue.rules.ranking.formula)
FILLED: Final = sorted(name for name in QUEUES if CATALOGUE[name].rules.execution.price != "unknown")

_MOST_ROWS: Final = 12
_MOST_LEGS: Final = 5
_FEW: Final = 3


def _moments_until(last: int, *, first: int = 2000) -> Drawn:
    """Times of the years ``first`` to ``last`` as text, at several offsets."""
    earliest, latest = (WEDNESDAY.replace(year=year, tzinfo=None) for year in (first, last))
    return st.datetimes(min_value=earliest, max_value=latest).flatmap(
        lambda moment: st.sampled_from(("Z", "+00:00", "-23:59", "+14:00")).map(
            (moment.isoformat(timespec="seconds")).__add__
        )
    )


_moments: Final = _moments_until(2100)
_ids: Final = st.text(min_size=1, max_size=64) | st.text("ab", min_size=1, max_size=3)
_symbols: Final = st.sampled_from(("BTCUSDT", "ETH-USDT-SWAP", "X"))
_OF_A_LEG: Final = ("positions", "leg", "wallet_balance", "equity", "maintenance_margin", "markets")
_OF_THE_ACCOUNT: Final = ("equity", "margin", "wallet_balance", "maintenance_margin")
_readings: Final = st.none() | st.sampled_from((0, 1, 2, 3, 4, 5, 0.0, 0.25, 1.0, -0.0, 0.5))
_settlements: Final = st.none() | _moments | st.just("2026-11-18T17:20:00Z") | st.just("2026-11-19T20:59:59+09:00")
_lots: Final = st.sampled_from((1.0, 0.1, 0.001, 1e-8, 0.5, 3.0, 1e6))
_mostly_lots: Final = st.sampled_from((1.0, 0.1, 0.001, 1e-8, 0.5, 3.0, 1e6, None))


def numbers(least: float, most: float, *, below_most: bool = False) -> Drawn:
    """Floats and integers of a range: its ends, powers of ten, round ones, and any other."""
    any_double = st.floats(least, most, exclude_max=below_most)
    exponents = range(math.ceil(math.log10(max(least, 1e-12))), math.floor(math.log10(most)) + 1)
    powers = [10.0**exponent for exponent in exponents if not (below_most and 10.0**exponent == most)]
    whole = st.integers(max(math.ceil(least), -(10**15)), math.floor(most) - (1 if below_most else 0))
    kinds: list[Drawn] = [any_double, st.sampled_from(powers)] if powers else [any_double]
    if most > 1.0:
        kinds += [whole, st.integers(1, 1000), st.floats(max(least, 0.001), min(most, 1e6))]
    return st.one_of(kinds)


def values_of(kind: inspect.Type) -> Drawn:  # noqa: C901, PLR0911, PLR0912 (a table of types)
    """Plain values that decode as ``kind``."""
    match kind:
        case inspect.Metadata():
            return values_of(kind.type)
        case inspect.FloatType(multiple_of=step) if step is not None:
            return st.integers(int(kind.ge or 0), _MOST_ROWS)
        case inspect.FloatType():
            most = kind.le if kind.le is not None else kind.lt
            least = _bound(kind.ge) if kind.gt is None else math.nextafter(kind.gt, math.inf)
            return numbers(least, _bound(most), below_most=kind.lt is not None)
        case inspect.StrType(pattern=pattern) if pattern is not None:
            return st.from_regex(pattern, fullmatch=True)
        case inspect.StrType():
            return st.text(min_size=kind.min_length or 0, max_size=kind.max_length or 20)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.ListType() | inspect.VarTupleType():
            return st.lists(values_of(kind.item_type), min_size=kind.min_length or 0, max_size=_FEW)
        case inspect.DictType():
            named = values_of(kind.key_type), values_of(kind.value_type)
            return st.dictionaries(*named, min_size=kind.min_length or 0, max_size=_FEW)
        case inspect.UnionType():
            return st.one_of([values_of(part) for part in kind.types])
        case inspect.StructType():
            return objects(kind.cls)
        case _:
            raise NotImplementedError(kind)


def objects(cls: type[msgspec.Struct], **fields: Drawn) -> Drawn:
    """Objects of ``cls`` with any of its optional fields; ``fields`` replaces their strategies."""
    known = inspect.type_info(cls)
    if not isinstance(known, inspect.StructType):
        raise TypeError(cls)
    own = {**_OWN.get(cls.__name__, dict)(), **fields}
    required: dict[str, Drawn] = {}
    optional: dict[str, Drawn] = {}
    for field in known.fields:
        drawn = own[field.name] if field.name in own else values_of(field.type)
        (required if field.required else optional)[field.encode_name] = drawn
    return st.fixed_dictionaries(required, optional=optional).map(_FINISHED.get(cls.__name__, dict))


def books(cls: type[msgspec.Struct], *, lots: Drawn) -> Drawn:
    """Requests with a book, as rows or columns, in whole ``lots`` if they are drawn."""
    return st.builds(
        lambda request, rows, columns, lot: _with_book(request, rows, lot=lot, columns=columns),
        objects(cls, positions=st.just([]), columns=st.just({})),
        st.lists(objects_by_name("BookPosition"), max_size=_MOST_ROWS, unique_by=lambda row: row["id"]),
        st.booleans(),
        lots,
    )


def aggregates(cls: type[msgspec.Struct]) -> Drawn:
    """Requests whose book is made up of aggregates, an exposure's of several mixes of leverage now and then."""
    mix = st.lists(objects_by_name("LeverageShare"), min_size=1, max_size=_FEW).map(all_shares)
    cohorts = st.fixed_dictionaries(
        {
            "open_interest": st.floats(1.0, 1e6),
            "entries": st.lists(objects_by_name("Entry"), min_size=1, max_size=_FEW).map(all_shares),
        },
        optional={"maintenance_margin_rate": numbers(1e-12, 0.1)},
    )
    return st.builds(
        make_up,
        objects(cls, positions=st.just([]), columns=st.just({})),
        cohorts,
        st.sampled_from((1.0, 0.1, 0.001)),
        st.none() | mix,
        st.none() | st.dictionaries(st.text(min_size=1, max_size=32), mix, min_size=1, max_size=_FEW),
    )


def accounts(*, junk: Drawn | None = None) -> Drawn:
    """Accounts of a few legs that do not contradict each other; now and then one of them cannot be read."""
    return st.builds(
        _with_legs,
        objects(AccountRequest),
        st.lists(objects(Leg), min_size=1, max_size=_MOST_LEGS),
        st.sampled_from(("linear", "linear", "inverse")),
        st.sampled_from((None, "USDT")),
        st.just([]) | st.lists(JUNK, max_size=1) if junk is None else junk,
    )


def about_a_position(cls: type[msgspec.Struct], *of_position: str) -> Drawn:
    """Requests about one position with ``of_position``, or about a leg of an account."""
    alone = st.builds(
        lambda drawn, position, mode: _say_margin_mode(
            {**_leave_out(drawn, _OF_A_LEG), "position": position}, mode if "symbol" in of_position else None
        ),
        objects(cls, **dict.fromkeys(("position", *_OF_A_LEG), st.none())),
        objects_by_name("Position"),
        st.sampled_from(("isolated", "cross")),
    )
    return alone | st.builds(
        _about_leg,
        objects(cls, **dict.fromkeys(("position", *of_position, *_OF_A_LEG), st.none())).map(
            lambda drawn: _leave_out(drawn, ("position", *of_position, *_OF_A_LEG))
        ),
        accounts(junk=st.just([])),
        st.integers(0, _MOST_LEGS),
        st.just("markets" in {field.name for field in msgspec.structs.fields(cls)}),
    )


def _leave_out(drawn: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: part for name, part in drawn.items() if name not in names}


def _about_leg(request: dict[str, Any], account: dict[str, Any], index: int, has_markets: bool) -> dict[str, Any]:
    legs = account["positions"]
    of_account = account if has_markets else _leave_out(account, ("markets", "as_of"))
    return {**request, **of_account, "leg": legs[index % len(legs)]["id"]}


def fills() -> Drawn:
    """Documented fills of a venue, some of them as ccxt gives them, some of another venue, and what is no fill."""
    return st.sampled_from(VENUES).flatmap(
        lambda venue: st.fixed_dictionaries(
            {
                "venue": st.just(venue),
                "fills": st.lists(_fills_like_those_of(CATALOGUE[venue].rules.id), min_size=1, max_size=_MOST_LEGS),
            }
        )
    )


def _fills_like_those_of(venue: str) -> Drawn:
    own = st.sampled_from([fill.raw for fill in FILLS.get(venue, ()) or FILLS["mexc"]]).map(copy.deepcopy)
    others = st.sampled_from([fill.raw for listed in FILLS.values() for fill in listed]).map(copy.deepcopy)
    unified = st.fixed_dictionaries(
        {"timestamp": st.just(1), "datetime": st.none(), "type": st.just("ADL")}, optional={"info": own | JUNK}
    )
    changed = st.builds(lambda fill, junk: {**fill, next(iter(fill), ""): junk}, own, JUNK)
    return own | own | unified | changed | others | JUNK


def objects_by_name(name: str) -> Drawn:
    """Objects of a Struct that occurs in a book request."""
    return st.deferred(lambda: objects(_NAMED[name]))


def _with_book(
    request: dict[str, Any], rows: list[dict[str, Any]], *, lot: float | None, columns: bool
) -> dict[str, Any]:
    """The request with a book, in whole lots if there is a lot size; its ``ids`` are from the book."""
    request = {name: part for name, part in request.items() if name not in ("positions", "columns")}
    if lot is not None:
        rows = [{**row, "size": max(1, round(row["size"] % 1e6)) * lot} for row in rows]
    if lot is not None and "depth" in request:
        request |= {"lot_size": lot}
    if lot is not None and "bankrupt" in request:
        size = max(1, round(request["bankrupt"]["size"] % 1e6)) * lot
        request |= {"lot_size": lot, "bankrupt": {**request["bankrupt"], "size": size}}
    if request.get("ids") is not None:
        request["ids"] = [row["id"] for row in rows[::2]]
    if not columns:
        return {**request, "positions": rows}
    names = {"id", "side", "size", "entry_price", "margin", "leverage", *(name for row in rows for name in row)}
    absent = {"maintenance_amount": 0.0}
    return {**request, "columns": {name: [row.get(name, absent.get(name)) for row in rows] for name in sorted(names)}}


def _bound(bound: float | None) -> float:
    if bound is None:
        raise LookupError("a number without bounds")
    return float(bound)


def _add_backing(position: dict[str, Any]) -> dict[str, Any]:
    """The position with a leverage if nothing else backs it."""
    if all(position.get(name) is None for name in ("equity", "margin", "leverage")):
        return {**position, "leverage": 10}
    return position


def _fit_figures(position: dict[str, Any]) -> dict[str, Any]:
    """The position with the figures that it has itself in place of drawn ones, which would nearly always disagree."""
    entry, mark = position["entry_price"], position["mark_price"]
    quantity = position["size"] * position.get("contract_size", 1.0)
    gain = (mark - entry) * (1.0 if position["side"] == "long" else -1.0)
    inverse = position.get("contract") == "inverse"
    fitting = {
        "notional": quantity / mark if inverse else quantity * mark,
        "unrealized_pnl": quantity * gain / (entry * mark) if inverse else quantity * gain,
    }
    sent = {name: figure for name, figure in fitting.items() if name in position and abs(figure) <= LARGEST}
    return {**{name: part for name, part in position.items() if name not in fitting}, **sent}


def _leave_out_of_cross(leg: dict[str, Any]) -> dict[str, Any]:
    """A cross leg without the figures that only the account has."""
    if leg.get("margin_mode", "cross") != "cross":
        return leg
    return {name: part for name, part in leg.items() if name not in _OF_THE_ACCOUNT}


def _with_legs(
    request: dict[str, Any], legs: list[dict[str, Any]], contract: str, settlement: str | None, junk: list[Any]
) -> dict[str, Any]:
    """The account with these legs: one settlement, one price and contract size for each symbol, other ids each."""
    first_of: dict[str, dict[str, Any]] = {}
    consistent: list[Any] = []
    for number, leg in enumerate(legs):
        first = first_of.setdefault(leg["symbol"], leg) if leg.get("symbol") is not None else leg
        common = {name: first[name] for name in ("mark_price", "contract_size") if name in first}
        own = {name: part for name, part in leg.items() if name not in ("contract_size", "settlement")}
        id_ = f"{number}{leg['id']}"[:64]
        consistent.append({**own, **common, "id": id_, "contract": contract, "settlement": settlement})
    return {**request, "positions": consistent + junk}


def _keep_one_of_two(close: dict[str, Any]) -> dict[str, Any]:
    """Only the fraction if there is one, else only the size."""
    return {"fraction": close["fraction"]} if "fraction" in close else {"size": close.get("size", 1)}


def _keep_target(request: dict[str, Any]) -> dict[str, Any]:
    """The request of a plan with a target that it can have: a place only among others."""
    if "book" not in request and "leave_fifth" in request["target"]:
        return {**request, "target": "low"}
    return request


def _say_margin_mode(request: dict[str, Any], mode: str | None) -> dict[str, Any]:
    """The request of a position with ``mode``, which a plan needs, and which its own does not contradict."""
    if mode is None:
        return request
    return {**request, "margin_mode": mode, "position": {**request["position"], "margin_mode": mode}}


# Fields with their own strategies, because most legal values of their types would be pointless.
_OWN: Final[Mapping[str, Callable[[], dict[str, Drawn]]]] = {
    "Position": lambda: {
        "adl_meter": _readings,
        "adl_meter_before": st.none() | _readings,
        # Drawn by themselves they would contradict the size and prices: such a position is refused.
        "notional": st.none(),
        "unrealized_pnl": st.none(),
    },
    "Leg": lambda: {
        **_OWN["Position"](),
        "symbol": st.none() | _symbols,
        "underlying": st.none() | st.sampled_from(("ETH", "X", "Y")),
        "settlement": st.none(),
        "margin_mode": st.sampled_from(("cross", "cross", "isolated")),
    },
    "AccountRequest": lambda: {
        "venue": st.sampled_from(VENUES),
        "as_of": st.none() | _moments,
        "markets": st.dictionaries(_symbols, objects_by_name("Market"), max_size=_FEW),
        "positions": st.just([]),
    },
    "ScoreRequest": lambda: {"venue": st.sampled_from(VENUES), "as_of": st.none() | _moments},
    "ScoresItem": lambda: {**_OWN["ScoreRequest"](), "id": st.none() | _ids},
    "ScoresRequest": lambda: {"items": st.lists(objects(ScoresItem), min_size=1, max_size=_FEW)},
    "RankRequest": lambda: {"venue": st.sampled_from([*QUEUES * 4, *VENUES])},
    "PlanRequest": lambda: {
        "venue": st.sampled_from(VENUES),
        "as_of": st.none() | _moments,
        "position": objects_by_name("Position"),
        "margin_mode": st.sampled_from(("isolated", "cross")),
        "symbol": st.none() | _symbols,
        "target": st.sampled_from(("watch", "low"))
        | st.integers(0, 10).map(lambda score: {"score": score})
        | st.integers(1, 4).map(lambda fifth: {"leave_fifth": fifth}),
        "book": st.builds(
            lambda rows, columns: _with_book({}, rows, lot=None, columns=columns),
            st.lists(objects_by_name("BookPosition"), max_size=_MOST_ROWS, unique_by=lambda row: row["id"]),
            st.booleans(),
        ),
        "lot_size": st.none() | st.none() | _lots,
    },
    "PartialRequest": lambda: {
        "position": objects_by_name("Position"),
        "venue": st.sampled_from(VENUES),
        "lot_size": st.none() | _lots,
    },
    "AllocateRequest": lambda: {
        "venue": st.sampled_from([*FILLED * 4, *VENUES]),
        "policies": st.lists(st.sampled_from(POLICIES), min_size=1, unique=True) | st.just(list(POLICIES)),
    },
    "SimulateRequest": lambda: {**_stressed(), "marks": st.lists(marks, min_size=1, max_size=_FEW)},
    "ExposureRequest": lambda: {
        **_stressed(),
        "moves": moves,
        "liquidity": st.dictionaries(st.text(min_size=1, max_size=32), numbers(1e-12, 1.0), min_size=1, max_size=_FEW),
    },
    "Depth": lambda: {"shape": st.floats(0.1, 5.0)},
    "DepthLevel": lambda: {"offset": st.floats(1e-9, 1.0, exclude_max=True) | st.floats(0.0001, 0.1)},
    "BookPosition": lambda: {"id": _ids, "maintenance_margin_rate": numbers(1e-12, 1.0, below_most=True)},
    "Market": lambda: {"settles_at": _settlements},
    "Entry": lambda: {"share": st.just(1.0)},
    "LeverageShare": lambda: {"share": st.just(1.0)},
    "EventPatch": lambda: {
        "start": _moments_until(2050),
        "to": _moments_until(2100, first=2051),
        "what": st.sampled_from(("CPI release", "\N{EM DASH}", "x" * 100)),
    },
    "MarketPut": lambda: {
        "settles_at": _settlements,
        "observed_at": st.none() | st.just("2026-11-18T11:59:59.5Z"),
        "ttl_seconds": numbers(1.0, 86_400.0),
        "maintenance_tiers": st.just([]) | st.lists(_tiers(), max_size=_FEW).map(_rising_tiers),
        "volatility": st.none() | st.floats(1e-6, 20.0),
        "entries": st.just([]) | st.lists(objects_by_name("Entry"), max_size=_FEW).map(all_shares),
    },
}
_FINISHED: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "Position": _fit_figures,
    "Leg": lambda leg: _leave_out_of_cross(_fit_figures(leg)),
    "BookPosition": _add_backing,
    "Close": _keep_one_of_two,
    "PlanRequest": _keep_target,
    "SimulateRequest": keep_inputs,
    "ExposureRequest": keep_inputs,
    "Depth": keep_one_depth,
    "Fund": keep_whole_fall,
}


def _stressed() -> dict[str, Drawn]:
    """Fields of a simulation and of an exposure, so that most are answered: a rate for all positions among them."""
    return {
        "venue": st.sampled_from([*FILLED * 4, *VENUES]),
        "mark_price": marks,
        "maintenance_margin_rate": numbers(1e-12, 1.0, below_most=True),
        "ids": st.none() | st.just([]),
        "fund": objects_by_name("Fund"),
        "depth": objects_by_name("Depth"),
        "as_of": st.none() | _moments,
        "cohorts": st.none(),
        "leverage_mixes": st.none(),
    }


def _tiers() -> Drawn:
    return objects_by_name("MaintenanceTier")


def _rising_tiers(tiers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tiers with rising limits; the last one has none."""
    return [
        {**tier, "up_to_notional": None if place + 1 == len(tiers) else 10.0**place} for place, tier in enumerate(tiers)
    ]


def _structs_of(*kinds: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """All Structs in ``kinds`` by name."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting: list[Any] = [inspect.type_info(kind) for kind in kinds]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType) and kind.cls.__name__ not in found:
            found[kind.cls.__name__] = kind.cls
            waiting += [field.type for field in kind.fields]
        waiting += [getattr(kind, name) for name in ("item_type", "type") if hasattr(kind, name)]
        waiting += getattr(kind, "types", ())
    return found


_NAMED: Final = _structs_of(RankRequest, MarketPut, ScoreRequest, SimulateRequest)

REQUESTS: Final[Mapping[str, Drawn]] = {
    "/score": objects(ScoreRequest),
    "/scores": objects(ScoresRequest),
    "/account": accounts(),
    "/queue/rank": books(RankRequest, lots=st.none() | _lots),
    "/plan": about_a_position(PlanRequest, "symbol", "market", "margin_mode"),
    "/adl/partial": about_a_position(PartialRequest, "margin_mode"),
    "/adl/allocate": books(AllocateRequest, lots=_mostly_lots),
    "/adl/simulate": books(SimulateRequest, lots=_lots) | aggregates(SimulateRequest),
    "/adl/exposure": books(ExposureRequest, lots=_lots).map(add_own_in_lots) | aggregates(ExposureRequest),
    "/fills/classify": fills(),
    "/venues/{venue}": objects(VenuePatch),
    "/venues/{venue}/markets/{symbol}": objects(MarketPut),
}
