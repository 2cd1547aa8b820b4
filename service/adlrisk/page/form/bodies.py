"""Bodies of requests of the API from what was filled in, and the fields that its errors point to."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from adlrisk.page.form.fields import FIELDS, HEDGE, MARKET, POSITION

Values = Mapping[str, str]
Body = dict[str, Any]

LEG: Final = "position"  # the leg of an account that the page is about
HEDGE_LEG: Final = "hedge"
YOU: Final = "you"

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z", re.ASCII)
_FLAGS: Final = {"true": True, "false": False}
_OF_THE_ACCOUNT: Final = ("equity", "wallet_balance", "maintenance_margin")
_POINTS: Final = 21  # moves of an exposure: as many as a curve on the page needs


def has_hedge(values: Values) -> bool:
    """Whether a second position was filled in."""
    return any(name.startswith("hedge_") for name in values)


def build_score(values: Values) -> Body:
    """The body of ``POST /score``."""
    body: Body = {
        "venue": read_value("venue", values.get("venue", "generic")),
        "position": _read_part(POSITION, values),
    }
    market = _read_part(MARKET, values)
    if market:
        body["market"] = market
    return {**body, **_read_named(("symbol", "as_of"), values)}


def build_account(values: Values) -> Body:
    """The body of ``POST /account``: the position and its hedge, with what the account has."""
    alone = build_score(values)
    symbol = alone.get("symbol")
    position = {name: value for name, value in alone["position"].items() if name not in _OF_THE_ACCOUNT}
    hedge = {"mark_price": position.get("mark_price"), "symbol": symbol, **_read_part(HEDGE, values)}
    body: Body = {"venue": alone["venue"], **_read_named(_OF_THE_ACCOUNT, values)}
    for leg_id, leg in ((LEG, {**position, "symbol": symbol}), (HEDGE_LEG, hedge)):
        known = {name: value for name, value in leg.items() if value is not None}
        body.setdefault("positions", []).append({"id": leg_id, **known, "underlying": symbol})
    if "market" in alone:
        body["markets"] = {symbol: alone["market"]}
    return {**body, **_read_named(("as_of",), values)}


def build_plan(values: Values, *, target: Any) -> Body:
    """The body of ``POST /plan`` for the position, alone or with its hedge."""
    if has_hedge(values):
        body = {**build_account(values), "leg": LEG}
    else:
        body = build_score(values)
        body |= {"margin_mode": body["position"].get("margin_mode")}
    if "size_for_one_percent" in values:
        body["depth"] = _read_named(("size_for_one_percent",), values)
    if values.get("planned") == "true":
        body["candidate"] = True
    return {**body, **_read_named(("lot_size",), values), "target": target}


def build_partial(values: Values, *, fraction: float, prices: list[float]) -> Body:
    """The body of ``POST /adl/partial`` for the position, alone or with its hedge."""
    if has_hedge(values):
        body = {**build_account(values), "leg": LEG}
        body.pop("markets", None)
        body.pop("as_of", None)
    else:
        body = {name: part for name, part in build_score(values).items() if name in ("venue", "position")}
    return {
        **body,
        "close": {"fraction": fraction},
        **_read_named(("fill_price", "lot_size"), values),
        "scenario_prices": prices,
    }


def build_exposure(values: Values, *, equity: float | None) -> Body:
    """The body of ``POST /adl/exposure``: the position in a book made up of aggregates.

    ``equity`` is that of the account, where a hedge is part of it.
    """
    alone = build_score(values)
    position = alone["position"]
    own = {
        name: position[name]
        for name in (
            "side",
            "size",
            "entry_price",
            "equity",
            "margin",
            "leverage",
            "wallet_balance",
            "maintenance_margin_rate",
            "maintenance_amount",
            "maintenance_margin",
        )
        if name in position
    }
    if equity is not None:
        own = {**own, "equity": equity}
    body: Body = {
        **_read_named(("venue", "symbol", "as_of", "mark_price", "contract", "contract_size", "lot_size"), values),
        "position": {"id": YOU, **own},
        "moves": {**_read_named(("volatility", "horizon_hours"), values), "points": _POINTS},
    }
    if "symbol" not in body or any(name in values for name in ("open_interest", "entries")):
        body["cohorts"] = _read_named(("open_interest", "entries"), values)
    if "maintenance_margin_rate" in position:
        body["maintenance_margin_rate"] = position["maintenance_margin_rate"]
    if "insurance_fund" in values:
        fund = {"balance": read_value("insurance_fund", values["insurance_fund"])}
        if "fund_peak" in values:
            fund["peak"] = read_value("fund_peak", values["fund_peak"])
        body["fund"] = fund
    if "size_for_one_percent" in values:
        body["depth"] = _read_named(("size_for_one_percent",), values)
    return {"venue": alone["venue"], **body}


def find_field(pointer: str) -> str | None:
    """The field of the form that a JSON Pointer into one of the bodies means; ``None`` if there is none."""
    steps = pointer.strip("/").split("/")
    if steps[:2] == ["positions", "1"]:
        name = f"hedge_{steps[2]}" if len(steps) > 2 else "hedge_side"  # noqa: PLR2004 (the two before)
        return name if name in FIELDS else "hedge_side"
    if steps[:1] == ["fund"]:
        return "fund_peak" if "peak" in steps or "drawdown" in steps else "insurance_fund"
    if steps[:1] == ["depth"]:
        return "size_for_one_percent"
    return next((step for step in reversed(steps) if step in FIELDS), None)


def read_value(name: str, text: str) -> Any:
    """The value of a field as it goes into a body: a number as it was written, anything else as text.

    The API says what is wrong with a text where it wants something else.
    """
    kind = FIELDS[name].kind
    if kind == "number" and _NUMBER.match(text):
        return msgspec.Raw(text.encode())
    if kind == "flag":
        return _FLAGS.get(text, text)
    if kind == "entries":
        return _read_entries(text)
    return text


def _read_entries(text: str) -> Any:
    """Prices with their shares, as in `1950:0.2 2000:0.8`; the text itself where it is something else."""
    entries = []
    for pair in text.replace(";", " ").replace(",", " ").split():
        price, colon, share = pair.partition(":")
        if not (colon and _NUMBER.match(price) and _NUMBER.match(share)):
            return text
        entries.append({"price": msgspec.Raw(price.encode()), "share": msgspec.Raw(share.encode())})
    return entries


def _read_part(part: str, values: Values) -> Body:
    fields = [field for field in FIELDS.values() if field.part == part and field.name in values]
    return {field.own_name: read_value(field.name, values[field.name]) for field in fields}


def _read_named(names: tuple[str, ...], values: Values) -> Body:
    return {name: read_value(name, values[name]) for name in names if name in values}
