"""Failure cases: requests that fail, each with the exact problem that answers it.

The tests send them; the table in ``docs/testing/failure-cases.md`` is generated from them.
"""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

_EXAMPLES = Path(__file__).parents[3] / "openapi" / "examples"
WORKED: dict[str, Any] = json.loads((_EXAMPLES / "score.request.json").read_bytes())
JSON = {"content-type": "application/json"}
MSGPACK = {"content-type": "application/msgpack"}


class Failure(Struct, frozen=True, kw_only=True):
    """A request and the problem that answers it."""

    title: str
    slug: str
    status: int
    pointer: str | None = None  # of the only entry in `errors`; None: not checked
    method: str = "POST"
    path: str = "/score"
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    body: bytes = b""
    shown: str = ""  # the body as the documentation shows it
    chunked: bool = False
    keys: bool = False  # sent to a service with API keys, with an admin key unless the headers have another
    record_path: str = ""  # where a market record is stored before
    record: bytes = b""


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the worked example with one value set, or removed if ``value`` is ``...``."""
    request: dict[str, Any] = copy.deepcopy(WORKED)
    *steps, last = path.split(".")
    target = request
    for step in steps:
        target = target[step]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return request


def encoded(request: Any) -> bytes:
    return json.dumps(request).encode()


def _invalid(title: str, path: str, value: Any, pointer: str = "") -> Failure:
    """A value that does not match the schema."""
    shown = f"without `{path}`" if value is ... else f"`{path}`: `{json.dumps(value)[:32]}`"
    return Failure(
        title=title,
        slug="invalid-request",
        status=400,
        pointer=pointer or "/" + path.replace(".", "/"),
        body=encoded(changed(path, value)),
        shown=shown,
    )


def _malformed(title: str, body: bytes, *, shown: str = "", **other: Any) -> Failure:
    given = {"slug": "malformed-body", "status": 400, **other}
    return Failure(title=title, body=body, shown=shown or f"`{body[:32].decode('latin-1')}`", **given)


def _packed(title: str, request: Any, *, slug: str = "invalid-request", pointer: str | None = None) -> Failure:
    body = request if isinstance(request, bytes) else msgspec.msgpack.encode(request)
    return Failure(title=title, slug=slug, status=400, pointer=pointer, headers=MSGPACK, body=body, shown="MessagePack")


SCORE = encoded(WORKED)
BOOK: dict[str, Any] = json.loads((_EXAMPLES / "queue-rank.request.json").read_bytes())
PARTIAL: dict[str, Any] = json.loads((_EXAMPLES / "adl-partial.request.json").read_bytes())
ALLOCATE: dict[str, Any] = json.loads((_EXAMPLES / "adl-allocate.request.json").read_bytes())
ACCOUNT: dict[str, Any] = json.loads((_EXAMPLES / "account.request.json").read_bytes())
PLAN: dict[str, Any] = json.loads((_EXAMPLES / "plan.request.json").read_bytes())
PLAN_OF_A_LEG: dict[str, Any] = json.loads((_EXAMPLES / "plan-account.request.json").read_bytes())
SIMULATE: dict[str, Any] = json.loads((_EXAMPLES / "adl-simulate.request.json").read_bytes())
EXPOSE: dict[str, Any] = json.loads((_EXAMPLES / "adl-exposure.request.json").read_bytes())
AGGREGATES: dict[str, Any] = {
    "open_interest": 100,
    "entries": [{"price": 96, "share": 0.5}, {"price": 104, "share": 0.5}],
    "leverage": [{"leverage": 2, "share": 0.5}, {"leverage": 10, "share": 0.5}],
    "maintenance_margin_rate": 0.01,
}
MIX: list[dict[str, Any]] = [{"leverage": 5, "share": 1}]
AGGREGATED: dict[str, Any] = {  # a market record of all that an exposure may be without
    "insurance_fund": 20,
    "open_interest": 100,
    "entries": AGGREGATES["entries"],
    "maintenance_tiers": [{"rate": 0.01}],
    "size_for_one_percent": 10,
    "volatility": 0.8,
}
YOURS: dict[str, Any] = {"id": "mine", "side": "short", "size": 1, "entry_price": 100, "margin": 20}
FILLS: dict[str, Any] = json.loads((_EXAMPLES / "fills-classify.request.json").read_bytes())
ALONE: dict[str, Any] = {"venue": "bitmex", "symbol": "FAILING", "mark_price": 100, "position": YOURS}
AGGREGATED_INPUTS: dict[str, Any] = {  # the same as in a request
    "fund": {"balance": 20},
    "depth": {"size_for_one_percent": 10},
    "cohorts": AGGREGATES,
    "moves": {"volatility": 0.8},
}
COLUMNS: dict[str, Any] = json.loads((_EXAMPLES / "queue-rank-columns.request.json").read_bytes())


def _book(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """A book that cannot be ranked."""
    return Failure(
        title=title, slug=slug, status=status, pointer=pointer, path="/queue/rank", body=encoded(request), shown=shown
    )


def _row(index: int, **fields: Any) -> dict[str, Any]:
    """Return the example's book with fields of one position changed."""
    positions = [{**row, **(fields if number == index else {})} for number, row in enumerate(BOOK["positions"])]
    return {**BOOK, "positions": positions}


def _columns(**columns: Any) -> dict[str, Any]:
    """Return the example in columns with some of them changed."""
    return {**COLUMNS, "columns": {**COLUMNS["columns"], **columns}}


def _adl(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """A partial close or an allocation that cannot be computed."""
    path = "/adl/partial" if "position" in request else "/adl/allocate"
    return Failure(
        title=title, slug=slug, status=status, pointer=pointer, path=path, body=encoded(request), shown=shown
    )


def _stress(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """A simulation or an exposure that cannot be worked out."""
    path = "/adl/simulate" if "marks" in request else "/adl/exposure"
    return Failure(
        title=title, slug=slug, status=status, pointer=pointer, path=path, body=encoded(request), shown=shown
    )


def _plan(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """A plan that cannot be made."""
    return Failure(
        title=title, slug=slug, status=status, pointer=pointer, path="/plan", body=encoded(request), shown=shown
    )


def _missing(title: str, request: dict[str, Any], shown: str, *, pointer: str | None, **other: Any) -> Failure:
    """A simulation or an exposure for which an input is neither sent nor on record."""
    failure = _stress(title, request, shown, slug="input-required", status=422, pointer="")
    return msgspec.structs.replace(failure, pointer=pointer, **other)


def _by_record(title: str, record: dict[str, Any], shown: str, *, slug: str, pointer: str, **changes: Any) -> Failure:
    """An exposure by the market record of its symbol, which is stored before."""
    request = {**ALONE, **changes}
    failure = _stress(title, request, f"{shown} on record", slug=slug, status=422, pointer=pointer)
    path = f"/venues/{request['venue']}/markets/{request['symbol']}"
    return msgspec.structs.replace(failure, keys=True, record_path=path, record=encoded(record))


def _cohorts(**fields: Any) -> dict[str, Any]:
    """Return an exposure of a book made up of aggregates with fields of them changed, or left out if ``...``."""
    cohorts = {name: part for name, part in {**AGGREGATES, **fields}.items() if part is not ...}
    return {**_without(EXPOSE, "positions", "ids"), "cohorts": cohorts}


def _mixes(**mixes: Any) -> dict[str, Any]:
    """Return the same with mixes of leverage in place of that of the aggregates."""
    return {**_cohorts(leverage=...), "leverage_mixes": mixes}


def _without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the request without fields."""
    return {name: part for name, part in request.items() if name not in names}


def _account(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """An account that cannot be scored; a leg that cannot be read is a problem in its place instead."""
    return Failure(
        title=title, slug=slug, status=status, pointer=pointer, path="/account", body=encoded(request), shown=shown
    )


def _packed_account(title: str, shown: str, pointer: str, **fields: float) -> Failure:
    """An account with a number that JSON lacks."""
    body = msgspec.msgpack.encode({**ACCOUNT, **fields})
    return Failure(
        title=title,
        slug="invalid-request",
        status=400,
        pointer=pointer,
        path="/account",
        headers=MSGPACK,
        body=body,
        shown=shown,
    )


def _fills(
    title: str, request: dict[str, Any], shown: str, *, slug: str = "invalid-request", status: int = 400, pointer: str
) -> Failure:
    """Fills that are not classified; a fill that cannot be read is unknown in its place instead."""
    return Failure(
        title=title,
        slug=slug,
        status=status,
        pointer=pointer,
        path="/fills/classify",
        body=encoded(request),
        shown=shown,
    )


def with_leg(index: int, **fields: Any) -> dict[str, Any]:
    """Return the example's account with fields of one leg changed."""
    legs = [{**leg, **(fields if number == index else {})} for number, leg in enumerate(ACCOUNT["positions"])]
    return {**ACCOUNT, "positions": legs}


def _partial(**fields: Any) -> dict[str, Any]:
    """Return the example of a partial close with fields of the position changed."""
    return {**PARTIAL, "position": {**PARTIAL["position"], **fields}}


PATCH: dict[str, Any] = json.loads((_EXAMPLES / "venue-patch.request.json").read_bytes())
EVENT: dict[str, Any] = {"from": "2026-11-18T12:00:00Z", "to": "2026-11-18T13:00:00Z", "what": "CPI release"}
RECORD: dict[str, Any] = json.loads((_EXAMPLES / "market.request.json").read_bytes())


def _patch(
    title: str, patch: Any, shown: str, *, slug: str = "invalid-request", status: int = 400, **other: Any
) -> Failure:
    """A change of a venue that is rejected."""
    given = {"path": "/venues/binance", "keys": True, "headers": JSON, **other}
    return Failure(title=title, slug=slug, status=status, method="PATCH", body=encoded(patch), shown=shown, **given)


def _record(
    title: str, record: Any, shown: str, *, slug: str = "invalid-request", status: int = 400, **other: Any
) -> Failure:
    """A market record that is rejected."""
    given = {"path": "/venues/binance/markets/BTCUSDT", "keys": True, **other}
    return Failure(title=title, slug=slug, status=status, method="PUT", body=encoded(record), shown=shown, **given)


FAILURES: tuple[Failure, ...] = (
    _malformed("empty body", b"", shown="nothing"),
    _malformed("truncated JSON", b"{"),
    _malformed("white space only", b" \n", shown="a line break"),
    _malformed("not JSON", b"nonsense"),
    _malformed("data after the object", SCORE + b" {}", shown="`{…} {}`"),
    _malformed("byte order mark", b"\xef\xbb\xbf{}", shown="BOM before `{}`"),
    _malformed("text that is not UTF-8", b'{"venue":"\xff","position":{}}', shown='`{"venue":"<FF>"…`'),
    _malformed("lone surrogate", b'{"venue":"\\ud800"}'),
    _malformed("NaN", b'{"position":{"size":NaN}}'),
    _malformed("infinity", b'{"position":{"size":Infinity}}'),
    _malformed("negative infinity", b'{"position":{"size":-Infinity}}'),
    _malformed(
        "nested too deeply",
        b'{"items":[' + b"[" * 30_000 + b"]" * 30_000 + b"]}",
        path="/scores",
        shown="`[` 30,000 times",
    ),
    _malformed("array instead of an object", b"[1,2]", slug="invalid-request", pointer=""),
    _malformed(
        "deeply nested array instead of an object",
        b"[" * 30_000,
        slug="invalid-request",
        pointer="",
        shown="`[` 30,000 times",
    ),
    _malformed(
        "number too large for a double",
        SCORE.replace(b'"size": 10', b'"size": 1e400'),
        slug="invalid-request",
        pointer="/position/size",
        shown="`position.size`: `1e400`",
    ),
    _malformed(
        "number that rounds to zero",
        SCORE.replace(b'"size": 10', b'"size": 1e-400'),
        slug="invalid-request",
        pointer="/position/size",
        shown="`position.size`: `1e-400`",
    ),
    _malformed(
        "integer of 30 digits",
        SCORE.replace(b'"size": 10', b'"size": 123456789012345678901234567890'),
        slug="invalid-request",
        pointer="/position/size",
        shown="`position.size`: 30 digits",
    ),
    _invalid("zero size", "position.size", 0),
    _invalid("negative size", "position.size", -1),
    _invalid("size beyond 1e15", "position.size", 1e16),
    _invalid("number as a string", "position.size", "10"),
    _invalid("size missing", "position.size", ...),
    _invalid("mark price missing", "position.mark_price", ...),
    _invalid("unknown side", "position.side", "buy"),
    _invalid("equity beyond 1e15", "position.equity", -1e16),
    _invalid("equity as a string", "position.equity", "3000"),
    _invalid("wallet balance beyond 1e15", "position.wallet_balance", 1e16),
    _invalid("maintenance margin of 0", "position.maintenance_margin", 0),
    _invalid("unknown maintenance basis", "position.maintenance_basis", "index"),
    _invalid("leverage out of bounds, though margin decides", "position.leverage", 1e16),
    _invalid("maintenance rate of 1", "position.maintenance_margin_rate", 1),
    _invalid("maintenance rate of 0", "position.maintenance_margin_rate", 0),
    _invalid("negative deduction", "position.maintenance_amount", -1),
    _invalid("meter as a string", "position.adl_meter", "3"),
    _invalid("unknown contract kind", "position.contract", "quanto"),
    _invalid("unknown field of the position", "position.lever", 3),
    _invalid("position missing", "position", ...),
    _invalid("position is an array", "position", []),
    _invalid("unknown field of the market", "market.funding", 0.1),
    _invalid("funding interval of 0", "market.funding_interval_hours", 0),
    _invalid("string for a flag", "market.liquidation_spike", "yes"),
    _invalid("time of settlement without an offset", "market.settles_at", "2026-12-01T08:00:00"),
    _invalid("settlement on a day that is not in the calendar", "market.settles_at", "2026-02-30T08:00:00Z"),
    _invalid("peak of the insurance fund of 0", "market.fund_peak", 0),
    _invalid("peak of the insurance fund below 0", "market.fund_peak", -1),
    _invalid("insurance fund beyond 1e15", "market.insurance_fund", -1e16),
    _invalid("rating in capitals", "market.adl_rating", "HIGH"),
    _invalid("earlier meter reading as a string", "position.adl_meter_before", "3"),
    _invalid("time without an offset", "as_of", "2026-11-18T12:00:00"),
    _invalid("time with a space", "as_of", "2026-11-18 12:00:00Z"),
    _invalid("time with a line break", "as_of", "2026-11-18T12:00:00Z\n"),
    _invalid("year before 2000", "as_of", "1999-12-31T23:59:59Z"),
    _invalid("year after 2100", "as_of", "2101-01-01T00:00:00Z"),
    _invalid("day that is not in the calendar", "as_of", "2026-02-30T00:00:00Z"),
    _invalid("time as a number", "as_of", 1763467200),
    _invalid("space in a symbol", "symbol", "BTC USDT"),
    _invalid("line break in a symbol", "symbol", "BTCUSDT\n"),
    _invalid("empty symbol", "symbol", ""),
    _invalid("symbol of 65 characters", "symbol", "X" * 65),
    _invalid("unknown field with slash and tilde", "a/b~c", 1, "/a~1b~0c"),
    _packed("NaN in MessagePack", changed("position.size", float("nan")), pointer="/position/size"),
    _packed("infinity in MessagePack", changed("position.size", float("inf")), pointer="/position/size"),
    _packed(
        "negative infinity in MessagePack", changed("position.adl_meter", float("-inf")), pointer="/position/adl_meter"
    ),
    _packed("NaN in an optional number", changed("position.adl_meter", float("nan")), pointer="/position/adl_meter"),
    _packed("equity that is NaN", changed("position.equity", float("nan")), pointer="/position/equity"),
    _packed(
        "infinite wallet balance",
        changed("position.wallet_balance", float("inf")),
        pointer="/position/wallet_balance",
    ),
    _packed("unknown field in MessagePack", changed("position.lever", 3), pointer="/position/lever"),
    _packed("extension type", changed("as_of", msgspec.msgpack.Ext(5, b"x")), pointer="/as_of"),
    _packed("key that is not a string", {1: 2}, pointer=""),
    _packed("key of the position that is not a string", changed("position", {1: 2}), pointer="/position"),
    _packed("binary instead of a string", changed("venue", b"binance"), pointer="/venue"),
    _packed("binary instead of one of a few words", changed("position.side", b"long"), pointer="/position/side"),
    _packed(
        "extension type instead of a number",
        changed("position.size", msgspec.msgpack.Ext(5, b"x")),
        pointer="/position/size",
    ),
    _packed("empty MessagePack", b"", slug="malformed-body"),
    _packed("truncated MessagePack", msgspec.msgpack.encode(WORKED)[:-1], slug="malformed-body"),
    _packed("reserved code", b"\xc1", slug="malformed-body"),
    _packed("data after the map", msgspec.msgpack.encode(WORKED) + b"\x80", slug="malformed-body"),
    _packed("text that is not UTF-8 in MessagePack", b"\x81\xa5venue\xa1\xff", slug="malformed-body"),
    _packed("JSON sent as MessagePack", SCORE, pointer=""),
    Failure(
        title="venue not in the catalogue",
        slug="unknown-venue",
        status=422,
        pointer="/venue",
        body=encoded(changed("venue", "nowhere")),
        shown='`venue`: `"nowhere"`',
    ),
    Failure(
        title="reading above the scale",
        slug="meter-out-of-scale",
        status=422,
        pointer="/position/adl_meter",
        body=encoded(changed("position.adl_meter", 5)),
        shown="`position.adl_meter`: `5` of 0 to 4",
    ),
    Failure(
        title="earlier reading above the scale",
        slug="meter-out-of-scale",
        status=422,
        pointer="/position/adl_meter_before",
        body=encoded(changed("position.adl_meter_before", 5)),
        shown="`position.adl_meter_before`: `5` of 0 to 4",
    ),
    Failure(
        title="reading between levels",
        slug="meter-out-of-scale",
        status=422,
        pointer="/position/adl_meter",
        body=encoded(changed("position.adl_meter", 1.5)),
        shown="`position.adl_meter`: `1.5`",
    ),
    Failure(
        title="contract that the venue does not have",
        slug="contract-mismatch",
        status=422,
        pointer="/position/contract",
        body=encoded(changed("position.contract", "inverse")),
        shown="`position.contract`: `inverse` at `binance`",
    ),
    Failure(
        title="linear by default where all contracts are inverse",
        slug="contract-mismatch",
        status=422,
        pointer="/position/contract",
        body=encoded(changed("venue", "binance_coinm")),
        shown="no `position.contract` at `binance_coinm`",
    ),
    Failure(
        title="notional of another contract size",
        slug="figures-disagree",
        status=422,
        pointer="/position/notional",
        body=encoded(changed("position.notional", 180)),
        shown="`position.notional`: `180`, where it is 18,000",
    ),
    Failure(
        title="unrealized PnL of the other side",
        slug="figures-disagree",
        status=422,
        pointer="/position/unrealized_pnl",
        body=encoded(changed("position.unrealized_pnl", -2000)),
        shown="`position.unrealized_pnl`: `-2000`, where it is 2,000",
    ),
    Failure(
        title="reading for a venue without a meter",
        slug="venue-has-no-meter",
        status=422,
        pointer="/position/adl_meter",
        body=encoded(changed("venue", "deribit")),
        shown='`venue`: `"deribit"`',
    ),
    Failure(
        title="empty batch",
        slug="invalid-request",
        status=400,
        pointer="/items",
        path="/scores",
        body=b'{"items":[]}',
        shown='`{"items":[]}`',
    ),
    Failure(
        title="batch of 10,001",
        slug="invalid-request",
        status=400,
        pointer="/items",
        path="/scores",
        body=encoded({"items": [0] * 10_001}),
        shown="10,001 items",
    ),
    Failure(
        title="no items", slug="invalid-request", status=400, pointer="/items", path="/scores", body=b"{}", shown="`{}`"
    ),
    Failure(
        title="unknown field beside items",
        slug="invalid-request",
        status=400,
        pointer="/venue",
        path="/scores",
        body=b'{"items":[{}],"venue":"okx"}',
        shown='`{"items":[…],"venue":"okx"}`',
    ),
    Failure(
        title="detail of a batch that there is not",
        slug="invalid-request",
        status=400,
        pointer="/detail",
        path="/scores",
        body=b'{"items":[{}],"detail":"short"}',
        shown='`"detail": "short"`',
    ),
    Failure(
        title="id of a single score",
        slug="invalid-request",
        status=400,
        pointer="/id",
        body=encoded({**WORKED, "id": "a"}),
        shown='`"id": "a"`',
    ),
    _account("account without positions", {"venue": "okx"}, "no `positions`", pointer="/positions"),
    _account("account without a venue", {"positions": ACCOUNT["positions"]}, "no `venue`", pointer="/venue"),
    _account("account of no legs", {**ACCOUNT, "positions": []}, "`positions`: `[]`", pointer="/positions"),
    _account("account of 1,001 legs", {**ACCOUNT, "positions": [0] * 1_001}, "1,001 legs", pointer="/positions"),
    _account("positions that are no list", {**ACCOUNT, "positions": {}}, "`positions`: `{}`", pointer="/positions"),
    _account("equity of an account beyond 1e15", {**ACCOUNT, "equity": 1e16}, "`equity`: `1e16`", pointer="/equity"),
    _account(
        "wallet balance of an account as a string",
        {**ACCOUNT, "wallet_balance": "10000"},
        '`wallet_balance`: `"10000"`',
        pointer="/wallet_balance",
    ),
    _account(
        "maintenance margin of an account of 0",
        {**ACCOUNT, "maintenance_margin": 0},
        "`maintenance_margin`: `0`",
        pointer="/maintenance_margin",
    ),
    _packed_account("equity of an account that is NaN", "MessagePack", "/equity", equity=float("nan")),
    _packed_account(
        "infinite wallet balance of an account", "MessagePack", "/wallet_balance", wallet_balance=float("inf")
    ),
    _account("unknown field beside positions", {**ACCOUNT, "market": {}}, "`market`: `{}`", pointer="/market"),
    _account(
        "unknown field in a market of an account",
        {**ACCOUNT, "markets": {"BTCUSDT": {"funding": 1}}},
        "`markets.BTCUSDT.funding`",
        pointer="/markets",
    ),
    _account(
        "account on a day that is not in the calendar",
        {**ACCOUNT, "as_of": "2026-02-30T00:00:00Z"},
        "`as_of`: February 30",
        pointer="/as_of",
    ),
    _account(
        "account at an unknown venue",
        {**ACCOUNT, "venue": "nowhere"},
        '`venue`: `"nowhere"`',
        slug="unknown-venue",
        status=422,
        pointer="/venue",
    ),
    _account(
        "two legs with one id",
        with_leg(3, id="btc-long"),
        '`positions[3].id`: `"btc-long"`',
        slug="duplicate-id",
        status=422,
        pointer="/positions/3/id",
    ),
    _account(
        "unreadable leg with the id of another",
        with_leg(2, id="btc-long", size=-1),
        "`positions[2]`: the id of another, `size`: `-1`",
        slug="duplicate-id",
        status=422,
        pointer="/positions/2/id",
    ),
    _account(
        "cross legs that name different settlements",
        {
            **ACCOUNT,
            "positions": [
                {**leg, "settlement": name}
                for leg, name in zip(ACCOUNT["positions"], ("USDT", "usdt", "USDC", "BTC"), strict=True)
            ],
        },
        '`settlement`: `"USDT"`, `"usdt"`, `"USDC"`',
        slug="mixed-settlement",
        status=422,
        pointer="/positions/2/settlement",
    ),
    _account(
        "linear beside inverse cross legs",
        with_leg(2, contract="inverse"),
        '`positions[2].contract`: `"inverse"`',
        slug="mixed-settlement",
        status=422,
        pointer="/positions/2/contract",
    ),
    _account(
        "two mark prices of one symbol",
        with_leg(1, mark_price=60_001),
        "`positions[1].mark_price`: `60001`, `positions[0]` 60,000",
        slug="contract-mismatch",
        status=422,
        pointer="/positions/1/mark_price",
    ),
    _account(
        "two contract sizes of one symbol",
        with_leg(1, contract_size=0.001),
        "`positions[1].contract_size`: `0.001`",
        slug="contract-mismatch",
        status=422,
        pointer="/positions/1/contract_size",
    ),
    _account(
        "two contracts of one symbol, one of them isolated",
        with_leg(3, symbol="BTCUSDT", mark_price=60_000, contract="inverse"),
        '`positions[3].contract`: `"inverse"`',
        slug="contract-mismatch",
        status=422,
        pointer="/positions/3/contract",
    ),
    Failure(
        title="body of an account beyond 1 MiB",
        slug="body-too-large",
        status=413,
        path="/account",
        body=b" " * (2**20 + 1),
        shown="1,048,577 bytes",
    ),
    _book(
        "neither rows nor columns",
        {"venue": "okx", "mark_price": 1},
        "no `positions`, no `columns`",
        pointer="/positions",
    ),
    _book("rows and columns", {**BOOK, "columns": COLUMNS["columns"]}, "both", pointer="/positions"),
    _book("bad size in a row", _row(2, size=0), "`positions[2].size`: `0`", pointer="/positions/2/size"),
    _book(
        "unknown field in a row", _row(1, mark_price=1), "`positions[1].mark_price`", pointer="/positions/1/mark_price"
    ),
    _book("empty id", _row(0, id=""), "`positions[0].id`", pointer="/positions/0/id"),
    _book("bad size in a column", _columns(size=[10, -1, 40]), "`columns.size[1]`: `-1`", pointer="/columns/size/1"),
    _book(
        "null in a required column",
        _columns(size=[10, None, 40]),
        "`columns.size[1]`: `null`",
        pointer="/columns/size/1",
    ),
    _book(
        "equity beyond 1e15 in a column",
        _columns(equity=[1, -1e16, 1]),
        "`columns.equity[1]`: `-1e16`",
        pointer="/columns/equity/1",
    ),
    _book(
        "unknown maintenance basis in a column",
        _columns(maintenance_basis=["mark", None, "index"]),
        '`columns.maintenance_basis[2]`: `"index"`',
        pointer="/columns/maintenance_basis/2",
    ),
    _book(
        "ragged equity",
        _columns(equity=[1]),
        "1 equity, 3 ids",
        slug="ragged-columns",
        status=422,
        pointer="/columns/equity",
    ),
    _book(
        "ragged columns",
        _columns(size=[10, 30]),
        "2 sizes, 3 ids",
        slug="ragged-columns",
        status=422,
        pointer="/columns/size",
    ),
    _book(
        "ragged optional column",
        _columns(margin=[1]),
        "1 margin, 3 ids",
        slug="ragged-columns",
        status=422,
        pointer="/columns/margin",
    ),
    _book("column missing", {**COLUMNS, "columns": {"id": []}}, "no `columns.side`", pointer="/columns/side"),
    _book("unknown column", _columns(lever=[1]), "`columns.lever`", pointer="/columns/lever"),
    _book(
        "row without margin",
        _row(3, leverage=None),
        "`positions[3]` no margin, leverage null",
        slug="margin-required",
        status=422,
        pointer="/positions/3/margin",
    ),
    _book(
        "columns without margin",
        _columns(margin=None),
        "no margin, leverage null",
        slug="margin-required",
        status=422,
        pointer="/columns/margin/0",
    ),
    _book("top that is not a whole number", {**BOOK, "top": 1.5}, "`top`: `1.5`", pointer="/top"),
    _book("top of 0", {**BOOK, "top": 0}, "`top`: `0`", pointer="/top"),
    _book("unknown layout", {**BOOK, "layout": "table"}, '`layout`: `"table"`', pointer="/layout"),
    _book("mark price missing for a book", {"venue": "okx", "positions": []}, "no `mark_price`", pointer="/mark_price"),
    _book("book without a venue", {"mark_price": 1, "positions": []}, "no `venue`", pointer="/venue"),
    _book("book of null", {**BOOK, "positions": None}, "`positions`: `null`", pointer="/positions"),
    _book(
        "duplicate id in rows",
        _row(2, id="alice"),
        '`positions[2].id`: `"alice"`',
        slug="duplicate-id",
        status=422,
        pointer="/positions/2/id",
    ),
    _book(
        "duplicate id in columns",
        _columns(id=["a", "b", "a"]),
        "`columns.id[2]`",
        slug="duplicate-id",
        status=422,
        pointer="/columns/id/2",
    ),
    _book(
        "id that is not in the book",
        {**BOOK, "ids": ["bob", "zoe"]},
        '`ids[1]`: `"zoe"`',
        slug="unknown-id",
        status=422,
        pointer="/ids/1",
    ),
    _book(
        "venue without a queue",
        {**BOOK, "venue": "dydx"},
        '`venue`: `"dydx"`',
        slug="venue-has-no-queue",
        status=422,
        pointer="/venue",
    ),
    _book(
        "venue whose formula is unknown",
        {**BOOK, "venue": "kraken"},
        '`venue`: `"kraken"`',
        slug="queue-formula-unknown",
        status=422,
        pointer="/venue",
    ),
    _book(
        "maintenance margin missing",
        {**BOOK, "venue": "htx"},
        '`venue`: `"htx"`',
        slug="maintenance-margin-required",
        status=422,
        pointer="/positions/0/maintenance_margin_rate",
    ),
    _book(
        "book of contracts that the venue does not have",
        {**BOOK, "venue": "hyperliquid", "contract": "inverse"},
        "`contract`: `inverse` at `hyperliquid`",
        slug="contract-mismatch",
        status=422,
        pointer="/contract",
    ),
    _book(
        "columns of contracts that the venue does not have",
        {**COLUMNS, "venue": "binance_coinm"},
        "no `contract` at `binance_coinm`",
        slug="contract-mismatch",
        status=422,
        pointer="/contract",
    ),
    _book(
        "book at an unknown venue",
        {**BOOK, "venue": "nowhere"},
        '`venue`: `"nowhere"`',
        slug="unknown-venue",
        status=422,
        pointer="/venue",
    ),
    _adl(
        "neither size nor fraction to close",
        {**PARTIAL, "close": {}},
        "`close`: `{}`",
        pointer="/close/size",
    ),
    _adl(
        "size and fraction to close",
        {**PARTIAL, "close": {"size": 4, "fraction": 0.4}},
        "`close`: both",
        pointer="/close/size",
    ),
    _adl(
        "neither equity, margin nor leverage to close",
        _partial(margin=None),
        "`position.margin`: `null`",
        slug="margin-required",
        status=422,
        pointer="/position/margin",
    ),
    _adl(
        "wallet balance alone to close",
        _partial(margin=None, wallet_balance=1000),
        "`position.wallet_balance` only",
        slug="margin-required",
        status=422,
        pointer="/position/margin",
    ),
    _adl(
        "fraction above 1",
        {**PARTIAL, "close": {"fraction": 1.1}},
        "`close.fraction`: `1.1`",
        pointer="/close/fraction",
    ),
    _adl(
        "partial close of a contract that the venue does not have",
        {**PARTIAL, "position": {**PARTIAL["position"], "contract": "inverse"}},
        "`position.contract`: `inverse` at `binance`",
        slug="contract-mismatch",
        status=422,
        pointer="/position/contract",
    ),
    _adl(
        "allocation of a contract that the venue does not have",
        {**ALLOCATE, "venue": "gmx", "contract": "inverse", "policies": ["pro_rata_size"]},
        "`contract`: `inverse` at `gmx`",
        slug="contract-mismatch",
        status=422,
        pointer="/contract",
    ),
    _adl(
        "notional of a partial close in thousands",
        {**PARTIAL, "position": {**PARTIAL["position"], "notional": 18}},
        "`position.notional`: `18`, where it is 18,000",
        slug="figures-disagree",
        status=422,
        pointer="/position/notional",
    ),
    _adl("unknown margin mode", {**PARTIAL, "margin_mode": "portfolio"}, "`margin_mode`", pointer="/margin_mode"),
    _adl(
        "margin mode that is not the position's",
        {**PARTIAL, "margin_mode": "isolated", "position": {**PARTIAL["position"], "margin_mode": "cross"}},
        "`margin_mode`",
        slug="margin-mode-mismatch",
        status=422,
        pointer="/margin_mode",
    ),
    _adl(
        "scenario price of 0",
        {**PARTIAL, "scenario_prices": [1700, 0]},
        "`scenario_prices[1]`: `0`",
        pointer="/scenario_prices/1",
    ),
    _adl(
        "size to close beyond the position's",
        {**PARTIAL, "close": {"size": 10.5}},
        "`close.size`: `10.5` of 10",
        slug="close-exceeds-position",
        status=422,
        pointer="/close/size",
    ),
    _adl(
        "size to close that is not a lot multiple",
        {**PARTIAL, "close": {"size": 2.5}, "lot_size": 1},
        "`close.size`: `2.5`, `lot_size`: `1`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/close/size",
    ),
    _adl(
        "position that is not a lot multiple",
        {**PARTIAL, "lot_size": 3},
        "`position.size`: `10`, `lot_size`: `3`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/position/size",
    ),
    _adl(
        "no bankrupt position",
        {key: part for key, part in ALLOCATE.items() if key != "bankrupt"},
        "no `bankrupt`",
        pointer="/bankrupt",
    ),
    _adl(
        "bankrupt without a price",
        {**ALLOCATE, "bankrupt": {"side": "short", "size": 20}},
        "no `bankrupt.bankruptcy_price`",
        pointer="/bankrupt/bankruptcy_price",
    ),
    _adl("unknown policy", {**ALLOCATE, "policies": ["fair"]}, '`policies`: `["fair"]`', pointer="/policies/0"),
    _adl("no policy", {**ALLOCATE, "policies": []}, "`policies`: `[]`", pointer="/policies"),
    _adl(
        "duplicate policy",
        {**ALLOCATE, "policies": ["venue", "pro_rata_size", "venue"]},
        "`policies[2]`",
        pointer="/policies/2",
    ),
    _adl("unknown fill price", {**ALLOCATE, "fill_price": "index"}, '`fill_price`: `"index"`', pointer="/fill_price"),
    _adl("fill price of 0", {**ALLOCATE, "fill_price": 0}, "`fill_price`: `0`", pointer="/fill_price"),
    _adl(
        "fill price that the venue does not publish",
        {**ALLOCATE, "venue": "generic"},
        '`venue`: `"generic"`, no `fill_price`',
        slug="fill-price-required",
        status=422,
        pointer="/fill_price",
    ),
    _adl(
        "bankrupt size that is not a lot multiple",
        {**ALLOCATE, "bankrupt": {**ALLOCATE["bankrupt"], "size": 20.5}},
        "`bankrupt.size`: `20.5`, `lot_size`: `1`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/bankrupt/size",
    ),
    _adl(
        "size in the book that is not a lot multiple",
        {**ALLOCATE, "lot_size": 4},
        "`positions[0].size`: `10`, `lot_size`: `4`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/positions/0/size",
    ),
    _adl(
        "more lots than the maximum",
        {**ALLOCATE, "lot_size": 1e-12, "bankrupt": {**ALLOCATE["bankrupt"], "size": 1e6}},
        "`bankrupt.size`: `1e6`, `lot_size`: `1e-12`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/bankrupt/size",
    ),
    _plan("plan without a target", _without(PLAN, "target"), "without `target`", pointer="/target"),
    _plan("plan for an unknown band", {**PLAN, "target": "high"}, '`target`: `"high"`', pointer="/target"),
    _plan(
        "plan for a score of 11",
        {**PLAN, "target": {"score": 11}},
        '`target`: `{"score": 11}`',
        pointer="/target/score",
    ),
    _plan("plan without a margin mode", _without(PLAN, "margin_mode"), "without `margin_mode`", pointer="/margin_mode"),
    _plan("plan of nothing", _without(PLAN, "position"), "without `position`", pointer="/position"),
    _plan(
        "plan of a position and of legs", {**PLAN, "positions": PLAN_OF_A_LEG["positions"]}, "both", pointer="/position"
    ),
    _plan("plan without a leg", _without(PLAN_OF_A_LEG, "leg"), "without `leg`", pointer="/leg"),
    _plan("equity beside a position to plan for", {**PLAN, "equity": 1}, "`equity`: `1`", pointer="/equity"),
    _plan("symbol beside legs to plan for", {**PLAN_OF_A_LEG, "symbol": "X"}, '`symbol`: `"X"`', pointer="/symbol"),
    _plan("plan with a step of 0", {**PLAN, "margin_step": 0}, "`margin_step`: `0`", pointer="/margin_step"),
    _plan(
        "plan of a leg that is not there",
        {**PLAN_OF_A_LEG, "leg": "c"},
        '`leg`: `"c"`',
        slug="unknown-id",
        status=422,
        pointer="/leg",
    ),
    _plan(
        "plan of a size that is no lots",
        {**PLAN, "lot_size": 3},
        "`lot_size`: `3`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/position/size",
    ),
    _missing("simulation without a fund", _without(SIMULATE, "fund"), "without `fund`", pointer="/fund"),
    _missing("simulation without an order book", _without(SIMULATE, "depth"), "without `depth`", pointer="/depth"),
    _missing("exposure without a fund", _without(EXPOSE, "fund"), "without `fund`", pointer="/fund"),
    _stress("simulation of no mark", {**SIMULATE, "marks": []}, "`marks`: `[]`", pointer="/marks"),
    _stress(
        "simulation of more marks than a day has minutes",
        {**SIMULATE, "marks": [94] * 1441},
        "`marks`: 1,441",
        pointer="/marks",
    ),
    _stress("mark of 0", {**SIMULATE, "marks": [94, 0]}, "`marks`: `[94, 0]`", pointer="/marks/1"),
    _stress(
        "marks of an exposure",
        _without(EXPOSE, "marks") | {"mark": [94]},
        "`mark`: `[94]`",
        pointer="/mark",
    ),
    _stress(
        "order book in two forms",
        {**SIMULATE, "depth": {**SIMULATE["depth"], "size_for_one_percent": 5}},
        "`depth.size_for_one_percent` beside `bids` and `asks`",
        pointer="/depth/levels",
    ),
    _stress(
        "order book without asks",
        {**SIMULATE, "depth": _without(SIMULATE["depth"], "asks")},
        "without `depth.asks`",
        pointer="/depth/asks",
    ),
    _stress(
        "levels that do not rise",
        {**SIMULATE, "depth": {"levels": [{"offset": 0.01, "size": 1}, {"offset": 0.01, "size": 1}]}},
        "`depth.levels`: two at 1 %",
        pointer="/depth/levels",
    ),
    _stress(
        "level at the price 0",
        {**SIMULATE, "depth": {"levels": [{"offset": 1, "size": 1}]}},
        "`depth.levels[0].offset`: `1`",
        pointer="/depth/levels/0/offset",
    ),
    _stress(
        "no depth left",
        {**SIMULATE, "depth": {"size_for_one_percent": 8, "depth_left": 0}},
        "`depth.depth_left`: `0`",
        pointer="/depth/depth_left",
    ),
    _stress(
        "permanent impact above 1",
        {**SIMULATE, "permanent_impact": 1.5},
        "`permanent_impact`: `1.5`",
        pointer="/permanent_impact",
    ),
    _stress(
        "fall of the fund without its peak",
        {**SIMULATE, "fund": {"balance": 8, "drawdown": 0.3}},
        "`fund.drawdown` without `peak`",
        pointer="/fund/drawdown",
    ),
    _stress(
        "peak of the fund where the venue's fall is not known",
        {**SIMULATE, "fund": {"balance": 8, "peak": 10}},
        "`fund.peak` at `bitmex`, without `drawdown`",
        slug="fund-drawdown-required",
        status=422,
        pointer="/fund/drawdown",
    ),
    _stress(
        "simulated position that is not in the book",
        {**SIMULATE, "ids": ["b", "z"]},
        '`ids`: `["b", "z"]`',
        slug="unknown-id",
        status=422,
        pointer="/ids/1",
    ),
    _stress("simulated position twice", {**SIMULATE, "ids": ["b", "b"]}, '`ids`: `["b", "b"]`', pointer="/ids/1"),
    _stress(
        "more than a hundred simulated positions",
        {**SIMULATE, "ids": [str(number) for number in range(101)]},
        "`ids`: 101",
        pointer="/ids",
    ),
    _stress(
        "simulation without a maintenance margin",
        _without(SIMULATE, "maintenance_margin_rate"),
        "without `maintenance_margin_rate` anywhere",
        slug="maintenance-margin-required",
        status=422,
        pointer="/positions/0/maintenance_margin_rate",
    ),
    _stress(
        "simulation of sizes that are no lots",
        {**SIMULATE, "lot_size": 4},
        "`positions[0].size`: `10`, `lot_size`: `4`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/positions/0/size",
    ),
    _stress(
        "simulation at a venue without a queue",
        {**SIMULATE, "venue": "paradex"},
        "`venue`: `paradex`",
        slug="venue-has-no-queue",
        status=422,
        pointer="/venue",
    ),
    _stress(
        "simulation of a contract that the venue does not have",
        {**SIMULATE, "venue": "binance", "contract": "inverse"},
        "`contract`: `inverse` at `binance`",
        slug="contract-mismatch",
        status=422,
        pointer="/contract",
    ),
    _missing("exposure without moves", _without(EXPOSE, "moves"), "without `moves`", pointer="/moves/volatility"),
    _stress(
        "moves in two forms",
        {**EXPOSE, "moves": {**EXPOSE["moves"], "volatility": 0.8, "horizon_hours": 8}},
        "`moves.volatility` beside `moves.moves`",
        pointer="/moves/volatility",
    ),
    _missing(
        "horizon without a volatility",
        {**EXPOSE, "moves": {"horizon_hours": 24}},
        "`moves`: only `horizon_hours`",
        pointer="/moves/volatility",
    ),
    _stress(
        "even number of points",
        {**EXPOSE, "moves": {"volatility": 0.8, "horizon_hours": 8, "points": 100}},
        "`moves.points`: `100`",
        pointer="/moves/points",
    ),
    _stress(
        "moves without weights",
        {**EXPOSE, "moves": {"moves": [0.1]}},
        "`moves`: only `moves`",
        pointer="/moves/weights",
    ),
    _stress(
        "weights above 1",
        {**EXPOSE, "moves": {"moves": [0.1, -0.1], "weights": [0.6, 0.6]}},
        "`moves.weights`: `[0.6, 0.6]`",
        pointer="/moves/weights",
    ),
    _stress(
        "fall by all of the price",
        {**EXPOSE, "moves": {"moves": [-1], "weights": [1]}},
        "`moves.moves`: `[-1]`",
        pointer="/moves/moves/0",
    ),
    _stress(
        "walk of more than a thousand steps",
        {**EXPOSE, "moves": {"moves": [2], "weights": [1], "step": 0.0005}},
        "`moves.step`: `0.0005` to a move of `2`",
        slug="simulation-too-large",
        status=413,
        pointer="/moves/step",
    ),
    _stress("no case of liquidity", {**EXPOSE, "liquidity": {}}, "`liquidity`: `{}`", pointer="/liquidity"),
    _stress(
        "nine cases of liquidity",
        {**EXPOSE, "liquidity": {str(number): 1 for number in range(9)}},
        "`liquidity`: nine",
        pointer="/liquidity",
    ),
    _stress(
        "case of liquidity above 1",
        {**EXPOSE, "liquidity": {"calm": 1, "flood": 2}},
        '`liquidity`: `{"flood": 2}`',
        pointer="/liquidity",
    ),
    _stress(
        "case of liquidity without a name",
        {**EXPOSE, "liquidity": {"": 1}},
        '`liquidity`: `{"": 1}`',
        pointer="/liquidity",
    ),
    _stress(
        "exposure of no position", _without(EXPOSE, "ids", "position"), "without `ids` and `position`", pointer="/ids"
    ),
    _stress("exposure of an empty list", {**EXPOSE, "ids": []}, "`ids`: `[]`", pointer="/ids"),
    _stress(
        "the id of one's own position is taken",
        {**EXPOSE, "positions": [{**EXPOSE["positions"][0], "id": "you"}], "ids": ["you"], "position": YOURS},
        '`positions[0].id`: `"you"`, with a `position`',
        slug="duplicate-id",
        status=422,
        pointer="/positions/0/id",
    ),
    _stress(
        "one's own position without a margin",
        {**EXPOSE, "position": _without(YOURS, "margin")},
        "`position` without `margin`",
        slug="margin-required",
        status=422,
        pointer="/position/margin",
    ),
    _stress(
        "one's own position that is no lot multiple",
        {**EXPOSE, "lot_size": 1, "position": {**YOURS, "size": 1.5}},
        "`position.size`: `1.5`, `lot_size`: `1`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/position/size",
    ),
    _stress(
        "one's own position of size 0",
        {**EXPOSE, "position": {**YOURS, "size": 0}},
        "`position.size`: `0`",
        pointer="/position/size",
    ),
    _missing(
        "exposure with neither book nor symbol",
        {"venue": "bitmex", "mark_price": 100, "position": YOURS},
        "only `venue`, `mark_price` and `position`: all five inputs are listed",
        pointer=None,
    ),
    _missing("exposure by a symbol without a record", {**ALONE, "symbol": "UNHEARD"}, "`symbol` alone", pointer=None),
    _missing(
        "simulation by a symbol without a record",
        {**_without(SIMULATE, "fund"), "symbol": "UNHEARD"},
        "`symbol` in place of `fund`",
        pointer="/fund",
    ),
    _missing(
        "aggregates without open interest",
        _cohorts(open_interest=...),
        "without `cohorts.open_interest`",
        pointer="/cohorts/open_interest",
    ),
    _missing(
        "aggregates without entries", _cohorts(entries=...), "without `cohorts.entries`", pointer="/cohorts/entries"
    ),
    _stress(
        "aggregates beside positions", {**EXPOSE, "cohorts": AGGREGATES}, "`cohorts`, `positions`", pointer="/cohorts"
    ),
    _stress(
        "aggregates beside columns",
        {**_without(SIMULATE, "positions"), "columns": COLUMNS["columns"], "cohorts": AGGREGATES},
        "`cohorts`, `columns`",
        pointer="/cohorts",
    ),
    _stress("aggregates that are null", {**_cohorts(), "cohorts": None}, "`cohorts`: `null`", pointer="/cohorts"),
    _stress(
        "entries of aggregates that are not all",
        _cohorts(entries=[{"price": 100, "share": 0.5}, {"price": 101, "share": 0.4}]),
        "`cohorts.entries`: shares of 0.5 and 0.4",
        pointer="/cohorts/entries",
    ),
    _stress(
        "leverage of aggregates that is not all",
        _cohorts(leverage=[{"leverage": 5, "share": 0.999999}]),
        "`cohorts.leverage`: a share of 0.999999",
        pointer="/cohorts/leverage",
    ),
    _stress("no entries", _cohorts(entries=[]), "`cohorts.entries`: `[]`", pointer="/cohorts/entries"),
    _stress(
        "101 leverages",
        _cohorts(leverage=[{"leverage": 1 + number, "share": 1 / 101} for number in range(101)]),
        "`cohorts.leverage`: 101",
        pointer="/cohorts/leverage",
    ),
    _stress(
        "open interest of 0",
        _cohorts(open_interest=0),
        "`cohorts.open_interest`: `0`",
        pointer="/cohorts/open_interest",
    ),
    _stress(
        "open interest of less than a lot",
        {**_cohorts(open_interest=0.5), "lot_size": 1},
        "`cohorts.open_interest`: `0.5`, `lot_size`: `1`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/cohorts/open_interest",
    ),
    _stress(
        "open interest of too many lots",
        {**_cohorts(open_interest=1e15), "lot_size": 1},
        "`cohorts.open_interest`: `1e15`, `lot_size`: `1`",
        slug="not-a-lot-multiple",
        status=422,
        pointer="/cohorts/open_interest",
    ),
    _stress(
        "aggregates without a maintenance margin rate",
        _without(_cohorts(maintenance_margin_rate=...), "maintenance_margin_rate"),
        "without `maintenance_margin_rate` anywhere, `cohorts`",
        slug="maintenance-margin-required",
        status=422,
        pointer="/cohorts/maintenance_margin_rate",
    ),
    _stress(
        "aggregates of which all longs would be liquidated",
        _cohorts(entries=[{"price": 250, "share": 1}]),
        "`cohorts.entries`: all at 250, mark 100",
        slug="empty-book",
        status=422,
        pointer="/cohorts/entries",
    ),
    _stress(
        "aggregates of which all shorts would be liquidated",
        _cohorts(entries=[{"price": 40, "share": 1}]),
        "`cohorts.entries`: all at 40, mark 100",
        slug="empty-book",
        status=422,
        pointer="/cohorts/entries",
    ),
    _stress(
        "mixes of leverage beside positions",
        {**EXPOSE, "leverage_mixes": {"x": MIX}},
        "`leverage_mixes`, `positions`",
        pointer="/leverage_mixes",
    ),
    _stress(
        "mixes of leverage beside a mix",
        {**_cohorts(), "leverage_mixes": {"x": MIX}},
        "`leverage_mixes`, `cohorts.leverage`",
        pointer="/leverage_mixes",
    ),
    _stress(
        "mixes of leverage of a simulation",
        {**SIMULATE, "leverage_mixes": {"x": MIX}},
        "`leverage_mixes`",
        pointer="/leverage_mixes",
    ),
    _stress("no mix of leverage", _mixes(), "`leverage_mixes`: `{}`", pointer="/leverage_mixes"),
    _stress(
        "five mixes of leverage",
        _mixes(**dict.fromkeys("abcde", MIX)),
        "`leverage_mixes`: five",
        pointer="/leverage_mixes",
    ),
    _stress(
        "mix of leverage that is not all",
        _mixes(x=MIX, y=[{"leverage": 5, "share": 0.5}]),
        "`leverage_mixes.y`: a share of 0.5",
        pointer="/leverage_mixes",
    ),
    _stress(
        "position that one of two mixes does not have",
        {**_mixes(x=[{"leverage": 10, "share": 1}], y=MIX), "ids": ["long:96:10"]},
        '`ids`: `["long:96:10"]`, a mix without leverage 10',
        slug="unknown-id",
        status=422,
        pointer="/ids/0",
    ),
    _stress("space in the symbol of an exposure", {**ALONE, "symbol": "BTC USDT"}, '`"BTC USDT"`', pointer="/symbol"),
    _stress(
        "exposure on a day that is not in the calendar",
        {**ALONE, "as_of": "2026-02-30T00:00:00Z"},
        '`as_of`: `"2026-02-30T00:00:00Z"`',
        pointer="/as_of",
    ),
    *(
        _by_record(
            f"record without {name}",
            _without(AGGREGATED, name),
            f"no `{name}`",
            slug="input-required",
            pointer=pointer,
        )
        for name, pointer in (
            ("insurance_fund", "/fund"),
            ("size_for_one_percent", "/depth"),
            ("open_interest", "/cohorts/open_interest"),
            ("entries", "/cohorts/entries"),
            ("volatility", "/moves/volatility"),
        )
    ),
    _by_record(
        "record of no open interest",
        {**AGGREGATED, "open_interest": 0},
        "`open_interest`: `0`",
        slug="input-required",
        pointer="/cohorts/open_interest",
    ),
    _by_record(
        "record that does not hold at the time of an exposure",
        AGGREGATED,
        "`as_of` after its expiry,",
        slug="input-required",
        pointer="/fund",
        as_of="2026-11-20T12:00:00Z",
        **{name: AGGREGATED_INPUTS[name] for name in ("depth", "cohorts", "moves")},
    ),
    _by_record(
        "record of an inverse contract for a linear exposure",
        {**AGGREGATED, "contract": "inverse"},
        "`contract`: `inverse`",
        slug="contract-mismatch",
        pointer="/contract",
    ),
    _by_record(
        "record of another contract size",
        {**AGGREGATED, "contract_size": 0.01},
        "`contract_size`: `0.01`",
        slug="contract-mismatch",
        pointer="/contract_size",
    ),
    _by_record(
        "record of another contract size, of which nothing is needed",
        {"contract_size": 0.01},
        "`contract_size`: `0.01`",
        slug="contract-mismatch",
        pointer="/contract_size",
        **AGGREGATED_INPUTS,
    ),
    _by_record(
        "record whose shorts would all be liquidated at the mark price",
        {**AGGREGATED, "entries": [{"price": 40, "share": 1}]},
        "`entries`: all at 40",
        slug="empty-book",
        pointer="/cohorts/entries",
    ),
    _by_record(
        "record of less open interest than a lot",
        {**AGGREGATED, "lot_size": 1000},
        "`open_interest`: `100`, `lot_size`: `1000`",
        slug="not-a-lot-multiple",
        pointer="/cohorts/open_interest",
    ),
    _by_record(
        "record of a lot that one's own position is no multiple of",
        {**AGGREGATED, "lot_size": 0.75},
        "`lot_size`: `0.75`",
        slug="not-a-lot-multiple",
        pointer="/position/size",
    ),
    _patch("field that may not be changed", {"name": "X"}, '`{"name": "X"}`', pointer="/name"),
    _patch("formula changed", {"ranking": {"formula": "pnl_leverage"}}, '`{"ranking": …}`', pointer="/ranking"),
    _patch("threshold of 0", {"score": {"leverage": 0}}, '`{"score": {"leverage": 0}}`', pointer="/score/leverage"),
    _patch("unknown threshold", {"score": {"lever": 1}}, '`{"score": {"lever": 1}}`', pointer="/score/lever"),
    _patch(
        "session of zero length",
        {"score": {"thin_sessions": [{"from": "Sat 20:00", "to": "Sat 20:00"}]}},
        "`score.thin_sessions[0]`: from is to",
        slug="invalid-card",
        status=422,
        pointer="/score/thin_sessions/0/to",
    ),
    _patch(
        "event that ends before it begins",
        {"score": {"events": [{**EVENT, "to": "2026-11-18T11:00:00Z"}]}},
        "`score.events[0]`: from after to",
        slug="invalid-card",
        status=422,
        pointer="/score/events/0/to",
    ),
    _patch(
        "event of zero length",
        {"score": {"events": [{**EVENT, "to": "2026-11-18T13:00:00+01:00"}]}},
        "`score.events[0]`: from is to, by another offset",
        slug="invalid-card",
        status=422,
        pointer="/score/events/0/to",
    ),
    _patch(
        "event on a day that is not in the calendar",
        {"score": {"events": [{**EVENT, "from": "2026-02-30T11:00:00Z"}]}},
        "`score.events[0].from`: February 30",
        slug="invalid-card",
        status=422,
        pointer="/score/events/0/from",
    ),
    _patch(
        "time of an event without an offset",
        {"score": {"events": [{**EVENT, "from": "2026-11-18T12:00:00"}]}},
        "`score.events[0].from`: no offset",
        pointer="/score/events/0/from",
    ),
    _patch("101 events", {"score": {"events": [EVENT] * 101}}, "`score.events`: 101 of them", pointer="/score/events"),
    _patch(
        "event without a name",
        {"score": {"events": [{**EVENT, "what": " "}]}},
        '`score.events[0].what`: `" "`',
        pointer="/score/events/0/what",
    ),
    _patch("patch that is not an object", [1], "`[1]`", pointer=""),
    _patch(
        "unknown venue in the path",
        PATCH,
        "the example",
        slug="unknown-venue",
        status=404,
        path="/venues/nowhere",
    ),
    _patch(
        "stale If-Match",
        PATCH,
        '`If-Match: "000000000000"`',
        slug="precondition-failed",
        status=412,
        headers={**JSON, "if-match": '"000000000000"'},
    ),
    _patch(
        "JSON patch sent as MessagePack",
        PATCH,
        "`Content-Type: application/msgpack`",
        headers=MSGPACK,
        pointer="",
    ),
    _patch(
        "change with an unknown key",
        PATCH,
        "an unknown key",
        slug="unauthorized",
        status=401,
        headers={**JSON, "authorization": "Bearer wrong"},
    ),
    _fills("fills without a venue", {"fills": FILLS["fills"]}, "no `venue`", pointer="/venue"),
    _fills("no fills", {**FILLS, "fills": []}, "`fills`: `[]`", pointer="/fills"),
    _fills("10,001 fills", {**FILLS, "fills": [0] * 10_001}, "10,001 fills", pointer="/fills"),
    _fills("fills that are no list", {**FILLS, "fills": {}}, "`fills`: `{}`", pointer="/fills"),
    _fills("unknown field beside fills", {**FILLS, "symbol": "X"}, "`symbol`", pointer="/symbol"),
    _fills(
        "fills of an unknown venue",
        {**FILLS, "venue": "nowhere"},
        '`venue`: `"nowhere"`',
        slug="unknown-venue",
        status=422,
        pointer="/venue",
    ),
    Failure(
        title="body of fills beyond 8 MiB",
        slug="body-too-large",
        status=413,
        path="/fills/classify",
        body=b" " * ((8 << 20) + 1),
        shown="8 MiB and 1 byte",
    ),
    _patch(
        "change with a write key",
        PATCH,
        "a write key",
        slug="forbidden",
        status=403,
        headers={**JSON, "authorization": "Bearer a-collector's-key"},
    ),
    _patch("change where no key is configured", PATCH, "no keys set", slug="writing-disabled", status=403, keys=False),
    _record(
        "record where no key is configured", RECORD, "no keys set", slug="writing-disabled", status=403, keys=False
    ),
    _record("funding rate as a string", {"funding_rate": "0.1"}, '`funding_rate`: `"0.1"`', pointer="/funding_rate"),
    _record("record for half a second", {"ttl_seconds": 0.5}, "`ttl_seconds`: `0.5`", pointer="/ttl_seconds"),
    _record(
        "tiers out of order",
        {"maintenance_tiers": [{"up_to_notional": 2, "rate": 0.1}, {"up_to_notional": 1, "rate": 0.2}]},
        "`maintenance_tiers`: up to 2, up to 1",
        slug="tiers-out-of-order",
        status=422,
        pointer="/maintenance_tiers/1/up_to_notional",
    ),
    _record(
        "entries that are not all",
        {"entries": [{"price": 60_000, "share": 0.5}, {"price": 61_000, "share": 0.4}]},
        "`entries`: shares of 0.5 and 0.4",
        pointer="/entries",
    ),
    _record(
        "an entry without a share", {"entries": [{"price": 1}]}, "`entries[0]`: no `share`", pointer="/entries/0/share"
    ),
    _record(
        "a share of 0",
        {"entries": [{"price": 1, "share": 0}, {"price": 2, "share": 1}]},
        "`entries[0].share`: `0`",
        pointer="/entries/0/share",
    ),
    _record(
        "101 entries",
        {"entries": [{"price": 1, "share": 1 / 101}] * 101},
        "`entries`: 101",
        pointer="/entries",
    ),
    _record("open interest below 0", {"open_interest": -1}, "`open_interest`: `-1`", pointer="/open_interest"),
    _record("more seen than all", {"entries_seen": 1.1}, "`entries_seen`: `1.1`", pointer="/entries_seen"),
    _record("no depth", {"size_for_one_percent": 0}, "`size_for_one_percent`: `0`", pointer="/size_for_one_percent"),
    _record("volatility of 0", {"volatility": 0}, "`volatility`: `0`", pointer="/volatility"),
    _record("volatility in percent", {"volatility": 120}, "`volatility`: `120`", pointer="/volatility"),
    _record(
        "observed on a day that is not in the calendar",
        {"observed_at": "2026-02-30T00:00:00Z"},
        "`observed_at`: February 30",
        pointer="/observed_at",
    ),
    _record(
        "observed tomorrow",
        {"observed_at": "2026-11-19T12:00:00Z"},
        "`observed_at`: tomorrow",
        slug="observed-out-of-time",
        status=422,
        pointer="/observed_at",
    ),
    _record(
        "observed so long ago that the record has expired",
        {"observed_at": "2026-11-18T11:00:00Z"},
        "`observed_at`: an hour ago",
        slug="observed-out-of-time",
        status=422,
        pointer="/observed_at",
    ),
    _record("symbol with a space", RECORD, "`BTC USDT`", pointer="", path="/venues/binance/markets/BTC%20USDT"),
    Failure(
        title="market without a record",
        slug="unknown-market",
        status=404,
        method="GET",
        path="/venues/binance/markets/DOGEUSDT",
        headers={},
    ),
    Failure(
        title="many numbers next to nothing",
        slug="invalid-request",
        status=400,
        pointer="",
        body=b"{" + b'"maintenance_amount":3e-324,' * 201 + SCORE[1:],
        shown="`3e-324` 201 times",
    ),
    Failure(
        title="body beyond the limit, announced",
        slug="body-too-large",
        status=413,
        body=b" " * 65_537,
        shown="65,537 bytes",
    ),
    Failure(
        title="body beyond the limit, chunked",
        slug="body-too-large",
        status=413,
        body=b" " * 65_537,
        chunked=True,
        shown="65,537 bytes in chunks",
    ),
    Failure(
        title="no Content-Type",
        slug="unsupported-media-type",
        status=415,
        headers={},
        body=SCORE,
        shown="no `Content-Type`",
    ),
    Failure(
        title="empty Content-Type",
        slug="unsupported-media-type",
        status=415,
        headers={"content-type": ""},
        body=SCORE,
        shown="`Content-Type:`",
    ),
    Failure(
        title="form data",
        slug="unsupported-media-type",
        status=415,
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=SCORE,
        shown="`Content-Type: application/x-www-form-urlencoded`",
    ),
    Failure(
        title="media type that only starts like JSON",
        slug="unsupported-media-type",
        status=415,
        headers={"content-type": "application/jsonp"},
        body=SCORE,
        shown="`Content-Type: application/jsonp`",
    ),
    Failure(
        title="charset other than UTF-8",
        slug="unsupported-media-type",
        status=415,
        headers={"content-type": "application/json; charset=latin-1"},
        body=SCORE,
        shown="`charset=latin-1`",
    ),
    Failure(
        title="compressed score",
        slug="unsupported-media-type",
        status=415,
        headers={**JSON, "content-encoding": "gzip"},
        body=SCORE,
        shown="`Content-Encoding: gzip`",
    ),
    Failure(
        title="batch in a coding that is not taken",
        slug="unsupported-media-type",
        status=415,
        path="/scores",
        headers={**JSON, "content-encoding": "br"},
        body=encoded({"items": [WORKED]}),
        shown="`Content-Encoding: br`",
    ),
    Failure(
        title="batch that is not in its coding",
        slug="malformed-body",
        status=400,
        path="/scores",
        headers={**JSON, "content-encoding": "gzip"},
        body=encoded({"items": [WORKED]}),
        shown="`Content-Encoding: gzip`, not compressed",
    ),
    Failure(
        title="Accept without a supported media type",
        slug="not-acceptable",
        status=406,
        headers={**JSON, "accept": "text/html"},
        body=SCORE,
        shown="`Accept: text/html`",
    ),
    Failure(
        title="Accept that excludes all supported media types",
        slug="not-acceptable",
        status=406,
        headers={**JSON, "accept": "application/json;q=0, application/msgpack;q=0"},
        body=SCORE,
        shown="`q=0` for all",
    ),
    Failure(
        title="GET with an Accept without a supported media type",
        slug="not-acceptable",
        status=406,
        method="GET",
        path="/venues",
        headers={"accept": "image/*"},
        shown="`Accept: image/*`",
    ),
    Failure(title="unknown path", slug="not-found", status=404, method="GET", path="/nowhere", headers={}),
    Failure(title="extra path segment", slug="not-found", status=404, path="/score/more", body=SCORE),
    Failure(
        title="unknown problem type", slug="not-found", status=404, method="GET", path="/problems/nothing", headers={}
    ),
    Failure(
        title="unknown venue in a GET",
        slug="unknown-venue",
        status=404,
        method="GET",
        path="/venues/nowhere",
        headers={},
    ),
    Failure(title="unsupported method", slug="method-not-allowed", status=405, method="GET", headers={}),
    Failure(
        title="unsupported DELETE",
        slug="method-not-allowed",
        status=405,
        method="DELETE",
        path="/venues/okx",
        headers={},
    ),
)
