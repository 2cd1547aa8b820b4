"""Hostile requests: numbers that cancel or are negligible, duplicate keys, and odd shapes."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import msgspec
from msgspec import Struct

from support.hostile.failure_cases import ACCOUNT, JSON, MSGPACK, WORKED, with_leg
from support.hostile.hostile_cases import (
    ALLOCATION,
    EXPOSURE,
    LEG,
    MARKET,
    MOST_ANNOUNCED,
    PARTIALLY,
    PLANNED,
    RANK,
    ROW,
    SCORE,
    SCORES,
    SIMULATION,
    UNIT,
    UNIT_BOOK,
    VENUE,
    WHOLE,
    Target,
)


class Hostile(Struct, frozen=True, kw_only=True):
    """A hostile request, and its answer: a problem, or 200 with these numbers."""

    title: str
    target: Target
    body: bytes
    shown: str
    status: int = 200
    slug: str | None = None
    pointer: str | None = None
    shows: Mapping[str, Any] = {}  # values in a 200 by JSON Pointer: a Fraction to the last bits, others exactly
    packed: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Return the header with its Content-Type."""
        return MSGPACK if self.packed else JSON


def _no(
    title: str,
    target: Target,
    body: bytes | str,
    shown: str,
    pointer: str,
    *,
    slug: str = "invalid-request",
    **other: Any,
) -> Hostile:
    """A request that is rejected."""
    given: dict[str, Any] = {"status": 400, **other}
    encoded = body.encode() if isinstance(body, str) else body
    return Hostile(title=title, target=target, body=encoded, shown=shown, slug=slug, pointer=pointer, **given)


def _yes(title: str, target: Target, request: Any, shown: str, shows: Mapping[str, Any], **other: Any) -> Hostile:
    """A request that is answered with these numbers."""
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return Hostile(title=title, target=target, body=body, shown=shown, shows=shows, **other)


def _held(**fields: Any) -> dict[str, Any]:
    """Return a request to score a position of one unit, changed."""
    return {"position": {**UNIT, "size": 1, **fields}}


def _twice(target: Target, before: str, both: str) -> bytes:
    """Return the valid body of ``target`` with the text ``before`` replaced."""
    text = json.dumps(target.valid)
    if text.count(before) != 1:
        raise LookupError(before)
    return text.replace(before, both).encode()


_E15: Final = Fraction(10**15)
_E_12: Final = Fraction(1, 10**12)
_SMALLEST: Final = Fraction(1e-12)  # the double
_NEXT: Final = 10**15 - Fraction(1, 8)  # the double below 1e15
_MAX_SIZE: Final = {"size": 1e15, "contract_size": 1e15}
_PACKED: Final = msgspec.msgpack.encode(WORKED["position"])
_PACKED_TWICE: Final = bytes([_PACKED[0] + 1]) + _PACKED[1:].replace(b"\xa4size\x0a", b"\xa4size\x09\xa4size\x14")

CANCELLING: Final[tuple[Hostile, ...]] = (
    _yes(
        "insurance fund that is its peak but for the last bit",
        SCORE,
        _held(entry_price=100, mark_price=100, margin=50)
        | {"market": {"insurance_fund": 1e15 - 0.125, "fund_peak": 1e15}},
        "10¹⁵ and the double below it",
        {"/trigger/fund_drawdown": Fraction(1, 8) / 10**15, "/alerts": []},
    ),
    _yes(
        "debt of an insurance fund over the smallest peak",
        SCORE,
        _held(entry_price=100, mark_price=100, margin=50) | {"market": {"insurance_fund": -1e15, "fund_peak": 1e-12}},
        "fund −10¹⁵, peak 10⁻¹²",
        {"/trigger/fund_drawdown": 1 + _E15 / _SMALLEST, "/trigger/insurance_fund": -1e15},
    ),
    _yes(
        "settlement in the year 2101 by its offset",
        SCORE,
        _held(entry_price=100, mark_price=100, margin=50)
        | {"market": {"settles_at": "2100-12-31T23:59:59-23:59"}, "as_of": "2100-12-31T23:59:59Z"},
        "`settles_at` 2100-12-31T23:59:59−23:59, scored at 2100-12-31T23:59:59Z",
        {"/alerts/0/alert": "settlement_near", "/trigger/settles_at": "2100-12-31T23:59:59-23:59"},
    ),
    _yes(
        "settlement in the year 1999 by its offset",
        SCORE,
        _held(entry_price=100, mark_price=100, margin=50) | {"market": {"settles_at": "2000-01-01T00:00:00+23:59"}},
        "`settles_at` 2000-01-01T00:00:00+23:59",
        {"/alerts": [], "/trigger/settles_at": "2000-01-01T00:00:00+23:59"},
    ),
    _yes(
        "prices that cancel to the last bit",
        SCORE,
        _held(size=8, entry_price=1e15, mark_price=1e15 - 0.125, margin=16),
        "long 8 from 10¹⁵, mark the double below it",
        {
            "/state/unrealized_pnl": -1.0,
            "/state/notional": Fraction(8 * 10**15 - 1),
            "/state/pnl_to_notional": -Fraction(1, 8) / _NEXT,
            "/state/equity": 15.0,
            "/state/effective_leverage": Fraction(8 * 10**15 - 1, 15),
            "/state/bankruptcy_price": Fraction(10**15 - 2),
        },
    ),
    _yes(
        "loss that leaves one unit of margin",
        SCORE,
        _held(size=1, entry_price=1e12, mark_price=1.0, margin=1e12),
        "long 1 from 10¹², margin 10¹², mark 1",
        {
            "/state/equity": 1.0,
            "/state/unrealized_pnl": Fraction(1 - 10**12),
            "/state/effective_leverage": 1.0,
            "/state/bankruptcy_price": None,
        },
    ),
    _yes(
        "loss that leaves less than 10⁻¹³ of the margin",
        SCORE,
        _held(size=1, entry_price=1e15, mark_price=1.0, margin=1e15),
        "long 1 from 10¹⁵, margin 10¹⁵, mark 1",
        {"/state/equity": 0.0, "/state/effective_leverage": None, "/signals/0/fired": True},
    ),
    _yes(
        "loss that leaves nothing of the margin but rounding",
        SCORE,
        _held(size=3, entry_price=0.3, mark_price=0.1, margin=0.6),
        "long 3 from 0.3, margin 0.6, mark 0.1",
        {"/state/equity": 0.0, "/state/effective_leverage": None, "/signals/0/fired": True},
    ),
    _yes(
        "largest of everything",
        SCORE,
        _held(**_MAX_SIZE, entry_price=1e15, mark_price=1e15, margin=1e15),
        "size, contract size, prices and margin 10¹⁵",
        {
            "/state/notional": _E15**3,
            "/state/unrealized_pnl": 0.0,
            "/state/effective_leverage": _E15**2,
            "/signals/0/value": _E15**2,
            "/score": 2,
        },
    ),
    _yes(
        "largest of everything, inverse at the smallest price",
        SCORE,
        _held(**_MAX_SIZE, contract="inverse", entry_price=1e-12, mark_price=1e-12, leverage=1e15, margin=None),
        "size and contract size 10¹⁵, prices 10⁻¹², leverage 10¹⁵",
        {"/state/notional": _E15**2 / _SMALLEST, "/state/margin": _E15 / _SMALLEST, "/state/effective_leverage": _E15},
    ),
    _yes(
        "smallest of everything",
        SCORE,
        _held(size=1e-12, contract_size=1e-12, entry_price=1e-12, mark_price=1e-12, margin=1e-12),
        "size, contract size, prices and margin 10⁻¹²",
        {"/state/notional": _SMALLEST**3, "/state/effective_leverage": _SMALLEST**2, "/state/unrealized_pnl": 0.0},
    ),
    _yes(
        "from the smallest price to the largest",
        SCORE,
        _held(entry_price=1e-12, mark_price=1e15, leverage=1, margin=None),
        "long 1 from 10⁻¹², mark 10¹⁵, leverage 1",
        {
            "/state/return_on_entry": (_E15 - _SMALLEST) / _SMALLEST,
            "/state/equity": _E15,
            "/state/effective_leverage": 1.0,
            "/state/pnl_to_notional": 1.0,
            "/state/bankruptcy_price": None,
        },
    ),
    _yes(
        "the same, short",
        SCORE,
        _held(side="short", entry_price=1e-12, mark_price=1e15, leverage=1, margin=None),
        "short 1 from 10⁻¹², mark 10¹⁵, leverage 1",
        {
            "/state/unrealized_pnl": _SMALLEST - _E15,
            "/state/effective_leverage": None,
            "/state/bankruptcy_price": 2 * _SMALLEST,
            "/state/profit_share": 0.0,
        },
    ),
    _yes(
        "10¹⁵ beside 10⁻¹² in one book",
        RANK,
        {
            "venue": "bitmex",
            "mark_price": 2,
            "positions": [
                {"id": "small", "side": "long", "size": 1e-12, "entry_price": 1, "leverage": 100},
                {"id": "large", "side": "long", "size": 1e15, "entry_price": 1, "leverage": 1},
            ],
        },
        "sizes 10⁻¹² and 10¹⁵, the smaller first",
        {
            "/queues/long/positions/0/id": "small",
            "/queues/long/positions/1/id": "large",
            "/queues/long/positions/1/size_ahead": _SMALLEST,
            "/queues/long/positions/1/notional_ahead": 2 * _SMALLEST,
            "/queues/long/size": _E15,
            "/queues/long/notional": 2 * _E15,
            "/queues/long/positions/0/percentile": _SMALLEST / _E15,
            "/queues/long/positions/1/percentile": 1.0,
        },
    ),
    _yes(
        "partial close of a negligible size",
        PARTIALLY,
        {"position": {**UNIT, "size": 1e15}, "close": {"size": 1e-12}, "scenario_prices": [2]},
        "10⁻¹² closed of 10¹⁵",
        {
            "/closed_size": _SMALLEST,
            "/exposure_removed": _SMALLEST / _E15,
            "/after/size": _E15,
            "/scenarios/0/missed_profit": _SMALLEST,
            "/scenarios/0/pnl_without_adl": _E15,
        },
    ),
    _yes(
        "the maximum number of lots",
        ALLOCATION,
        {
            "venue": "bitmex",
            "mark_price": 1,
            "bankrupt": {"side": "short", "size": 2**48, "bankruptcy_price": 1},
            "positions": [
                {"id": name, "side": "long", "size": 2**48, "entry_price": 0.5, "leverage": 1} for name in "abc"
            ],
            "lot_size": 1,
            "policies": ["pro_rata_size"],
        },
        "2⁴⁸ lots shared by three of 2⁴⁸",
        {
            "/requested_lots": 2**48,
            "/results/0/closed_lots": 2**48,
            "/results/0/uncovered_lots": 0,
            # 2⁴⁸ = 3 × 93,824,992,236,885 + 1, and the lot left over goes to the first of equals
            "/results/0/fills/0/closed_lots": 93_824_992_236_886,
            "/results/0/fills/1/closed_lots": 93_824_992_236_885,
            "/results/0/fills/2/closed_lots": 93_824_992_236_885,
        },
    ),
)


def _planned(*, venue: str = "okx", mode: str = "isolated", target: Any, **changed: Any) -> dict[str, Any]:
    """A plan for a long of one unit from 1 at 2, changed."""
    asked = ("book", "margin_step", "lot_size")
    rest: dict[str, Any] = {name: changed.pop(name) for name in asked if name in changed}
    position = {"side": "long", "size": 1, "entry_price": 1, "mark_price": 2, "leverage": 1, **changed}
    market = {"funding_rate": 0, "liquidation_spike": False, "thin_liquidity": False}
    return {"venue": venue, "market": market, "margin_mode": mode, "target": target, "position": position, **rest}


def _other(**changed: Any) -> dict[str, Any]:
    """A book of one long from 1 without leverage, changed."""
    return {"positions": [{"id": "other", "side": "long", "size": 1, "entry_price": 1, "leverage": 1, **changed}]}


PLANS: Final[tuple[Hostile, ...]] = (
    _yes(
        "plan for 10⁻¹² beside 10¹⁵ of a higher key",
        PLANNED,
        _planned(size=1e-12, book=_other(size=1e15, leverage=2), target={"leave_fifth": 4}),
        "10⁻¹² contracts, 10¹⁵ before them",
        {"/now/fifth": 5, "/reached": True, "/options": []},
    ),
    _yes(
        "plan for 10¹⁵ beside 10⁻¹² of a higher key",
        PLANNED,
        _planned(size=1e15, book=_other(size=1e-12, leverage=2), target={"leave_fifth": 1}),
        "10¹⁵ contracts, 10⁻¹² before them",
        {"/now/fifth": 1, "/reached": False},
    ),
    _yes(
        "plan beside equal keys",
        PLANNED,
        _planned(book=_other(size=1e15), target={"leave_fifth": 1}),
        "10¹⁵ contracts of the same key",
        {"/now/fifth": 1, "/reached": False},  # nobody knows the order of equal keys
    ),
    _yes(
        "plan for a place in an empty book",
        PLANNED,
        _planned(book={"positions": []}, target={"leave_fifth": 1}),
        "no others",
        {"/now/fifth": 1, "/reached": False},
    ),
    _yes(
        "plan in the largest steps of margin",
        PLANNED,
        _planned(entry_price=2, leverage=20, margin_step=1e15, target={"score": 0}),
        "20x, a step of 10¹⁵",
        # No step keeps the margin within its bounds, so nothing but a close reaches the target.
        {"/now/score": 2, "/reachable": False, "/options/0/action": "close"},
    ),
    _yes(
        "plan in the smallest steps of margin",
        PLANNED,
        _planned(entry_price=2, leverage=20, margin_step=1e-12, target={"score": 0}),
        "20x, a step of 10⁻¹²",
        # 2 over less than 15·(1 − 10⁻⁹), which counts as 15: above 0.1333333334666…, of which 0.1 is there.
        {
            "/reachable": True,
            "/options/0/action": "add_margin",
            "/options/0/amount": Fraction(33_333_333_467, 10**12),
        },
    ),
    _no(
        "plan in more lots than there are",
        PLANNED,
        json.dumps(_planned(size=1e15, lot_size=1e-12, target="low")),
        "10¹⁵ in lots of 10⁻¹²",
        "/position/size",
        slug="not-a-lot-multiple",
        status=422,
    ),
    _no(
        "plan to leave a fifth that there is not",
        PLANNED,
        json.dumps(_planned(book=_other(), target={"leave_fifth": 5})),
        '`{"leave_fifth": 5}`',
        "/target/leave_fifth",
    ),
    _no(
        "plan to leave a fifth of nothing",
        PLANNED,
        json.dumps(_planned(target={"leave_fifth": 1})),
        "no `book`",
        "/book",
    ),
    _no(
        "plan for a score and a place",
        PLANNED,
        json.dumps(_planned(book=_other(), target={"leave_fifth": 1, "score": 2})),
        "both",
        "/target/score",
    ),
    _no(
        "plan for neither score nor place", PLANNED, json.dumps(_planned(target={})), '`"target": {}`', "/target/score"
    ),
    _no(
        "plan among others without a margin",
        PLANNED,
        json.dumps(_planned(book=_other(leverage=None), target="low")),
        "a row without equity, margin and leverage",
        "/book/positions/0/margin",
        slug="margin-required",
        status=422,
    ),
    _no(
        "plan for a place that nobody can tell",
        PLANNED,
        json.dumps(_planned(leverage=None, book=_other(), target={"leave_fifth": 1})),
        "nothing says what backs the position",
        "/position/margin",
        slug="input-required",
        status=422,
    ),
)


def _made_up(*, entries: list[float], **changed: Any) -> dict[str, Any]:
    """The worked simulation at a mark price of 1, with a book made up of 100 contracts without leverage."""
    book = {name: part for name, part in SIMULATION.valid.items() if name != "positions"}
    shares = [{"price": price, "share": 1.0 / len(entries)} for price in entries]
    cohorts = {"open_interest": 100, "entries": shares, "leverage": [{"leverage": 1, "share": 1}]}
    return {**book, "mark_price": 1, "marks": [1], "lot_size": 1, "cohorts": {**cohorts, **changed}}


AGGREGATED: Final[tuple[Hostile, ...]] = (
    _yes(
        "entry prices at both ends of the range",
        SIMULATION,
        {**_made_up(entries=[1e15, 1e-12]), "marks": [1e15]},
        "10¹⁵ and 10⁻¹², mark price 1 and then 10¹⁵",
        {
            # At 1 a long from 10¹⁵ and a short from 10⁻¹² have nothing left, so the others hold all. After the rise the
            # short from 10¹⁵ is back at its entry, and the long has won.
            "/confidence": "approximation",
            "/steps/0/liquidated/accounts": 0,
            "/steps/0/fund/after": 8.0,
            "/positions": [],
        },
    ),
    _no(
        "open interest of more lots than there are",
        SIMULATION,
        json.dumps({**_made_up(entries=[1.0], open_interest=1e15), "lot_size": 1e-12}),
        "10¹⁵ in lots of 10⁻¹²",
        "/cohorts/open_interest",
        slug="not-a-lot-multiple",
        status=422,
    ),
    _no(
        "entry prices that leave nobody on a side",
        SIMULATION,
        json.dumps(_made_up(entries=[1e-12])),
        "10⁻¹², mark price 1",
        "/cohorts/entries",
        slug="empty-book",
        status=422,
    ),
)

TWICE: Final[tuple[Hostile, ...]] = (
    _yes(
        "two sizes",
        SCORE,
        _twice(SCORE, '"size": 10', '"size": 10, "size": 20'),
        '`"size": 10, "size": 20`',
        {"/state/notional": 36_000.0, "/state/unrealized_pnl": 4_000.0},
    ),
    _yes(
        "two sizes, one of them escaped",
        SCORE,
        _twice(SCORE, '"size": 10', '"size": 20, "\\u0073ize": 10'),
        r'`"size": 20, "\u0073ize": 10`',
        {"/state/notional": 18_000.0},
    ),
    _yes(
        "two sizes in MessagePack",
        PARTIALLY,
        b"\x82\xa8position" + _PACKED_TWICE + b"\xa5close\x81\xa8fraction\x01",
        "`size` 9, then `size` 20",
        {"/closed_size": 20.0},
        packed=True,
    ),
    _no(
        "two sizes, the first of them invalid",
        SCORE,
        _twice(SCORE, '"size": 10', '"size": -1, "size": 10'),
        '`"size": -1, "size": 10`',
        "/position/size",
    ),
    _yes(
        "two positions: nothing remains of the first",
        SCORE,
        json.dumps(_held(maintenance_margin_rate=0.5))[:-1].encode() + b"," + json.dumps(_held()).encode()[1:],
        '`"position": {…}, "position": {…}`',
        {"/state/notional": 1.0, "/state/liquidation_price": None},
    ),
    _yes(
        "two lists of items",
        SCORES,
        b'{"items":[0,0,0],"items":[' + json.dumps(_held()).encode() + b"]}",
        '`"items": [0, 0, 0], "items": [{…}]`',
        {"/results/0/state/notional": 1.0, "/results/1": ...},
    ),
    _yes(
        "two ids of an item",
        SCORES,
        b'{"items":[{"id":"a",' + json.dumps({**_held(), "id": "b"}).encode()[1:] + b"]}",
        '`"id": "a", …, "id": "b"`',
        {"/results/0/id": "b", "/results/0/state/notional": 1.0},
    ),
    _yes(
        "two details",
        SCORES,
        b'{"detail":"full","items":[' + json.dumps(_held()).encode() + b'],"detail":"brief"}',
        '`"detail": "full", …, "detail": "brief"`',
        {"/results/0/danger": "unknown", "/results/0/state": ...},
    ),
    _yes(
        "two ids in a row",
        RANK,
        json.dumps({**UNIT_BOOK, "positions": [{**ROW, "size": 1}]})
        .replace('"id": "a"', '"id": "a", "id": "b"')
        .encode(),
        '`"id": "a", "id": "b"`',
        {"/queues/long/positions/0/id": "b", "/queues/long/count": 1},
    ),
    _yes(
        "two books",
        RANK,
        _twice(RANK, '"positions": [', '"positions": [], "positions": ['),
        '`"positions": [], "positions": […]`',
        {"/queues/long/count": 3, "/queues/short/count": 2},
    ),
    _yes(
        "two lot sizes",
        ALLOCATION,
        _twice(ALLOCATION, '"lot_size": 1', '"lot_size": 4, "lot_size": 1'),
        '`"lot_size": 4, "lot_size": 1`',
        {"/requested_lots": 20},
    ),
    _yes(
        "two funds",
        SIMULATION,
        _twice(SIMULATION, '"fund": {', '"fund": {"balance": 1e9}, "fund": {'),
        '`"fund": {"balance": 1e9}, "fund": {…}`',
        {"/steps/0/fund/before": 8.0},
    ),
    _yes(
        "two cases of one name",
        EXPOSURE,
        _twice(EXPOSURE, '"liquidity": {', '"liquidity": {"severe": 1, '),
        '`"liquidity": {"severe": 1, …, "severe": 0.06}`',
        {"/cases/0/case": "severe", "/cases/0/depth_left": 0.06, "/cases/4": ...},
    ),
    _yes(
        "two thresholds",
        VENUE,
        b'{"score":{"leverage":7,"leverage":8}}',
        '`{"score": {"leverage": 7, "leverage": 8}}`',
        {"/score/leverage": 8.0},
    ),
    _yes(
        "two groups of thresholds",
        VENUE,
        b'{"score":{"leverage":7},"score":{"profit":0.5}}',
        '`{"score": {"leverage": 7}, "score": {"profit": 0.5}}`',
        {"/score/leverage": 15.0, "/score/profit": 0.5},
    ),
    _yes(
        "two funding rates on record",
        MARKET,
        b'{"funding_rate":0.5,"funding_rate":0.25}',
        '`{"funding_rate": 0.5, "funding_rate": 0.25}`',
        {"/funding_rate": 0.25},
    ),
)


def _deep(target: Target, start: str, end: str, pointer: str, title: str) -> Hostile:
    """Nested arrays where something else is expected."""
    body = start + "[" * 30_000 + "]" * 30_000 + end
    return _no(f"nested 30,000 deep in {title}", target, body, f"`{start}[[…`", pointer)


SHAPES: Final[tuple[Hostile, ...]] = (
    _deep(SCORE, '{"position":', "}", "/position", "a position"),
    _deep(SCORE, '{"venue":', "}", "/venue", "a venue"),
    _deep(RANK, '{"positions":[', "]}", "/positions/0", "a book"),
    _deep(RANK, '{"columns":{"size":[', "]}}", "/columns/size/0", "a column"),
    _deep(PARTIALLY, '{"scenario_prices":[', "]}", "/scenario_prices/0", "scenario prices"),
    _deep(ALLOCATION, '{"policies":[', "]}", "/policies/0", "policies"),
    _deep(SIMULATION, '{"marks":[', "]}", "/marks/0", "marks"),
    _deep(EXPOSURE, '{"liquidity":', "}", "/liquidity", "cases of liquidity"),
    _deep(VENUE, '{"score":{"thin_sessions":[', "]}}", "/score/thin_sessions/0", "sessions"),
    _deep(VENUE, '{"score":{"events":[', "]}}", "/score/events/0", "events"),
    _no(
        "event with a line break in its name",
        VENUE,
        '{"score":{"events":[{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","what":"a\\nb"}]}}',
        r'`"what": "a\nb"`',
        "/score/events/0/what",
    ),
    _no("null for an event", VENUE, '{"score":{"events":[null]}}', '`{"events": [null]}`', "/score/events/0"),
    _deep(MARKET, '{"maintenance_tiers":[', "]}", "/maintenance_tiers/0", "tiers"),
    _no(
        "nested 30,000 deep in an item, MessagePack",
        SCORES,
        b"\x81\xa5items\x91" + b"\x91" * 30_000 + b"\x00",
        "`items: [[[…`",
        "",
        slug="malformed-body",
        packed=True,
    ),
    _no(
        "objects nested 30,000 deep in an item",
        SCORES,
        '{"items":[' + '{"a":' * 30_000 + "1" + "}" * 30_000 + "]}",
        '`{"items": [{"a": {"a": …`',
        "",
        slug="malformed-body",
    ),
    _deep(SCORES, '{"items":[0],"detail":', "}", "/detail", "the detail of a batch"),
    _yes(
        "id of an item that is nested 500 deep elsewhere",
        SCORES,
        b'{"items":[{"id":"a","position":' + b"[" * 500 + b"]" * 500 + b"}]}",
        '`"id": "a", "position": [[…`',
        {"/results/0/id": "a", "/results/0/status": 400},
    ),
    _yes(
        "id of an item with text that is not UTF-8",
        SCORES,
        b'{"items":[{"id":"a","venue":"\xff"}],"detail":"brief"}',
        '`"id": "a", "venue": "<FF>"`',
        {"/results/0/id": "a", "/results/0/type": "/problems/malformed-body"},
    ),
    _yes(
        "id of an item that is not UTF-8",
        SCORES,
        b'{"items":[{"id":"\xff"}]}',
        '`"id": "<FF>"`',
        {"/results/0/id": ..., "/results/0/type": "/problems/malformed-body"},
    ),
    _yes(
        "id of an item as bytes, MessagePack",
        SCORES,
        b"\x81\xa5items\x91\x81\xa2id\xc4\x01a",
        "`id: C4 01 61`",
        {"/results/0/id": ..., "/results/0/errors/0/pointer": "/items/0/id"},
        packed=True,
    ),
    _no(
        "2³² − 1 items announced",
        SCORES,
        b"\x81\xa5items\xdd" + MOST_ANNOUNCED,
        "`items: DD FF FF FF FF`",
        "/items",
        packed=True,
    ),
    _no(
        "10,000 items announced, none there",
        SCORES,
        b"\x81\xa5items\xdd\0\0\x27\x10",
        "`items: DD 00 00 27 10`",
        "",
        slug="malformed-body",
        packed=True,
    ),
    *(
        _no(
            f"2³² − 1 {name} announced",
            target,
            start + b"\xdd" + MOST_ANNOUNCED,
            f"`{name}: DD FF FF FF FF`",
            "",
            slug="malformed-body",
            packed=True,
        )
        for name, target, start in (
            ("positions", RANK, b"\x81\xa9positions"),
            ("ids", ALLOCATION, b"\x81\xa7columns\x81\xa2id"),
        )
    ),
    _no("empty object in a book", RANK, '{"positions":[{}]}', '`{"positions": [{}]}`', "/positions/0/id"),
    _no("null in a book", RANK, '{"positions":[null]}', '`{"positions": [null]}`', "/positions/0"),
    _no("columns of null", RANK, '{"columns":null}', '`{"columns": null}`', "/columns"),
    _no("null for a venue", SCORE, '{"venue":null}', '`{"venue": null}`', "/venue"),
    _no("null for the market", SCORE, '{"market":null}', '`{"market": null}`', "/market"),
    _no("null for a scenario price", PARTIALLY, '{"scenario_prices":[null]}', "`[null]`", "/scenario_prices/0"),
    _no("null for a size to close", PARTIALLY, '{"close":{"size":null}}', '`{"size": null}`', "/close/size"),
    _no("null for a lifetime", MARKET, '{"ttl_seconds":null}', '`{"ttl_seconds": null}`', "/ttl_seconds"),
    _no("null for thresholds", VENUE, '{"score":null}', '`{"score": null}`', "/score"),
    _no(
        "id of 65 characters of four bytes",
        RANK,
        json.dumps({**UNIT_BOOK, "positions": [{**ROW, "size": 1, "id": "\U0001f600" * 65}]}),
        "U+1F600 65 times",
        "/positions/0/id",
    ),
    _no(
        "the same id, once escaped",
        RANK,
        json.dumps({**UNIT_BOOK, "positions": [{**ROW, "size": 1}] * 2}).replace('"a"', '"\\u0061"', 1),
        r'ids `"\u0061"` and `"a"`',
        "/positions/1/id",
        slug="duplicate-id",
        status=422,
    ),
    _no(
        "value that looks like an error message",
        SCORE,
        '{"position":{"side":"field `x`"}}',
        '``{"side": "field `x`"}``',
        "/position/side",
    ),
    _no(
        "value that looks like a path in an error message",
        SCORE,
        '{"position":{"side":"x` - at `$.venue"}}',
        '``{"side": "x` - at `$.venue"}``',
        "/position/side",
    ),
    _no(
        "value of 60,000 letters where there are two",
        SCORE,
        json.dumps({"position": {"side": "x" * 60_000}}),
        "`side` of 60,000 letters",
        "/position/side",
    ),
    _no(
        "timestamp instead of a date-time string",
        SCORE,
        b"\x81\xa5as_of\xd6\xff\0\0\0\0",
        "`as_of: D6 FF …`",
        "/as_of",
        packed=True,
    ),
    _no("`Z` in small letters", SCORE, '{"as_of":"2026-11-18T12:00:00z"}', "`…00z`", "/as_of"),
    _no("digits of another script", SCORE, '{"as_of":"\u0662026-11-18T12:00:00Z"}', "`٢026-…`", "/as_of"),
    _no("leap second", SCORE, '{"as_of":"2016-12-31T23:59:60Z"}', "`…23:59:60Z`", "/as_of"),
    _no("hour 24", SCORE, '{"as_of":"2026-11-18T24:00:00Z"}', "`…24:00:00Z`", "/as_of"),
)


def _unreadable(title: str, leg: object, shown: str, pointer: str) -> Hostile:
    """An account with one more leg that cannot be read: a problem in its place, and null for what needs it."""
    request = {**ACCOUNT, "positions": [*ACCOUNT["positions"], leg]}
    return _yes(
        title,
        WHOLE,
        request,
        shown,
        {
            "/positions/4/status": 400,
            "/positions/4/errors/0/pointer": f"/positions/4{pointer}",
            "/account/equity": None,
            "/account/maintenance_margin": None,
            "/account/gross_notional": None,
            "/account/nearest_liquidation": None,
            "/positions/0/state/equity": None,
            "/positions/0/state/liquidation_price": None,
            "/positions/0/signals/0/fired": None,
            "/positions/3/state/equity": 1750.0,  # isolated: 1,500 + 50 · 5
        },
    )


def _alone(**fields: Any) -> dict[str, Any]:
    """An account of one leg of size 1, changed."""
    return {"venue": "okx", "positions": [{**LEG, "size": 1}], **fields}


ACCOUNTS: Final[tuple[Hostile, ...]] = (
    _unreadable("leg that is null", None, "`null`", ""),
    _unreadable("leg that is a number", 7, "`7`", ""),
    _unreadable("leg that is a list", [], "`[]`", ""),
    _unreadable("leg that is text", "btc-long", '`"btc-long"`', ""),
    _unreadable("leg without fields", {}, "`{}`", "/side"),
    _unreadable("leg of another leg", {**LEG, "size": 1, "position": {}}, "`position`", "/position"),
    _unreadable("leg of size 0", {**LEG, "size": 0}, "`size`: `0`", "/size"),
    _unreadable("leg without an id", {**LEG, "size": 1, "id": None}, "`id`: `null`", "/id"),
    _unreadable("margin of a cross leg", {**LEG, "size": 1, "margin": 5}, "`margin`: `5`", "/margin"),
    _unreadable("equity of a cross leg", {**LEG, "size": 1, "equity": 5}, "`equity`: `5`", "/equity"),
    _unreadable(
        "wallet balance of a cross leg", {**LEG, "size": 1, "wallet_balance": 5}, "`wallet_balance`", "/wallet_balance"
    ),
    _unreadable(
        "maintenance margin of a cross leg",
        {**LEG, "size": 1, "maintenance_margin": 5},
        "`maintenance_margin`",
        "/maintenance_margin",
    ),
    _unreadable("unknown margin mode", {**LEG, "size": 1, "margin_mode": "portfolio"}, '`"portfolio"`', "/margin_mode"),
    _unreadable("equity of a leg beyond 1e15", {**LEG, "size": 1, "equity": 1e16}, "`equity`: `1e16`", "/equity"),
    _yes(
        "leg that is isolated and cannot be read",
        WHOLE,
        with_leg(3, margin=-1),
        "`positions[3].margin`: `-1`",
        {
            "/positions/3/errors/0/pointer": "/positions/3/margin",
            "/account/equity": Fraction(10_000 + 6_000 + 800 - 1_000),
            "/account/gross_notional": Fraction(60_000 + 48_000 + 30_000),
            "/underlyings/2": ...,
        },
    ),
    _yes(
        "two legs of one symbol and side",
        WHOLE,
        {
            "venue": "okx",
            "equity": 100,
            "positions": [{**LEG, "size": 100, "symbol": "X", "id": name} for name in "ab"],
        },
        "long 100 from 1, twice, equity 100",
        {
            "/account/gross_notional": 200.0,
            "/account/net_notional": 200.0,
            "/account/gross_leverage": 2.0,
            "/positions/0/state/bankruptcy_price": Fraction(1, 2),
            "/positions/1/state/bankruptcy_price": Fraction(1, 2),
            "/positions/1/state/effective_leverage": 1.0,
            "/underlyings/0/first": "a",
        },
    ),
    _yes(
        "1,000 legs of the largest numbers",
        WHOLE,
        {
            "venue": "okx",
            "wallet_balance": -1e15,
            "positions": [
                {**LEG, **_MAX_SIZE, "id": f"{number}", "entry_price": 1e-12, "mark_price": 1e15}
                for number in range(1_000)
            ],
        },
        "1,000 long from 10⁻¹², size, contract size and mark 10¹⁵",
        {
            "/account/gross_notional": 1_000 * _E15**3,
            "/account/equity": 1_000 * _E15**2 * (_E15 - _SMALLEST) - _E15,
            "/account/gross_leverage": 1.0,
        },
    ),
    _yes(
        "legs whose profit and loss cancel",
        WHOLE,
        {
            "venue": "okx",
            "wallet_balance": 1,
            "positions": [
                {**LEG, "id": "a", "size": 1e15, "mark_price": 1e15},
                {**LEG, "id": "b", "size": 1e15, "mark_price": 1e15, "side": "short"},
            ],
        },
        "long and short 10¹⁵ from 1, mark 10¹⁵, wallet balance 1",
        {
            "/account/equity": 0.0,  # 1 beside two terms of 10³⁰
            "/account/margin_ratio": None,
            "/account/gross_leverage": None,
            "/account/wallet_balance": 1.0,
            "/positions/0/state/effective_leverage": None,
            "/positions/0/signals/0/fired": True,
        },
    ),
    _yes(
        "equity 0",
        WHOLE,
        _alone(equity=0),
        "`equity`: `0`",
        {
            "/account/equity": 0.0,
            "/account/wallet_balance": 0.0,
            "/account/gross_leverage": None,
            "/positions/0/state/equity": 0.0,
            "/positions/0/state/effective_leverage": None,
            "/positions/0/signals/0/fired": True,
        },
    ),
    *(
        _yes(
            f"{name} next to nothing",
            WHOLE,
            _alone(**{field: 1e-300}),
            f"`{field}`: `1e-300`",
            {
                f"/account/{field}": 0.0,
                "/account/gross_leverage": None,
                "/positions/0/state/equity": 0.0,
                "/positions/0/state/effective_leverage": None,
                "/positions/0/queue/eligible": False,
                "/positions/0/signals/0/fired": True,
            },
        )
        for name, field in (("equity", "equity"), ("wallet balance", "wallet_balance"))
    ),
    _yes(
        "equity of a position next to nothing",
        SCORE,
        _held(equity=5e-324),
        "`equity`: `5e-324`",
        {"/state/equity": 0.0, "/state/effective_leverage": None, "/signals/0/fired": True},
    ),
    _yes(
        "equity next to nothing in a book",
        RANK,
        {**UNIT_BOOK, "positions": [{**ROW, "size": 1, "equity": 1e-300}]},
        "`equity`: `1e-300`",
        {"/queues/long/eligible": 0, "/queues/long/positions/0/eligible": False},
    ),
    _yes(
        "neither equity nor wallet balance",
        WHOLE,
        _alone(),
        "`equity` and `wallet_balance` absent",
        {
            "/account/equity": None,
            "/account/missing/0": "wallet_balance",
            "/account/gross_notional": 1.0,
            "/positions/0/state/equity": None,
            "/positions/0/signals/0/fired": None,
        },
    ),
    _yes(
        "two equities",
        WHOLE,
        b'{"equity":1,' + json.dumps(_alone(equity=2)).encode()[1:],
        '`"equity": 1, …, "equity": 2`',
        {"/account/equity": 2.0},
    ),
    _yes(
        "two lists of legs",
        WHOLE,
        b'{"positions":[0,0],' + json.dumps(_alone(equity=2)).encode()[1:],
        '`"positions": [0, 0], …, "positions": [{…}]`',
        {"/account/gross_notional": 1.0, "/positions/1": ...},
    ),
    _deep(WHOLE, '{"markets":', "}", "/markets", "the markets of an account"),
    _no(
        "objects nested 30,000 deep in a leg",
        WHOLE,
        '{"positions":[' + '{"a":' * 30_000 + "1" + "}" * 30_000 + "]}",
        '`{"positions": [{"a": {"a": …`',
        "",
        slug="malformed-body",
    ),
    _no(
        "nested 30,000 deep in a leg, MessagePack",
        WHOLE,
        b"\x81\xa9positions\x91" + b"\x91" * 30_000 + b"\x00",
        "`positions: [[[…`",
        "",
        slug="malformed-body",
        packed=True,
    ),
    _no(
        "2³² − 1 legs announced",
        WHOLE,
        b"\x81\xa9positions\xdd" + MOST_ANNOUNCED,
        "`positions: DD FF FF FF FF`",
        "/positions",
        packed=True,
    ),
    _no("null for the legs", WHOLE, '{"venue":"okx","positions":null}', '`{"positions": null}`', "/positions"),
    _no("null for the venue of an account", WHOLE, '{"venue":null}', '`{"venue": null}`', "/venue"),
    _no("null for the markets", WHOLE, '{"markets":null}', '`{"markets": null}`', "/markets"),
    _no("market of null", WHOLE, '{"markets":{"X":null}}', '`{"markets": {"X": null}}`', "/markets"),
    _no(
        "market of a symbol with a space",
        WHOLE,
        '{"markets":{"BTC USDT":{}}}',
        '`{"markets": {"BTC USDT": {}}}`',
        "/markets",
    ),
    _no(
        "the same id of two legs, once escaped",
        WHOLE,
        json.dumps({"venue": "okx", "positions": [{**LEG, "size": 1}] * 2}).replace('"a"', '"\\u0061"', 1),
        r'ids `"\u0061"` and `"a"`',
        "/positions/1/id",
        slug="duplicate-id",
        status=422,
    ),
)

REQUESTS: Final = (*CANCELLING, *PLANS, *AGGREGATED, *TWICE, *SHAPES, *ACCOUNTS)
