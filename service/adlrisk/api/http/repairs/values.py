"""Values: what a field of a request may hold, and what the client probably meant by the value it sent."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, get_args

from adlrisk.api.http.problems import quote
from adlrisk.api.http.repairs.symbols import guess_symbol
from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.position.market import AdlRating
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Contract, MaintenanceBasis, MarginMode, Side

MISSING: Final = object()  # a value that is not known

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "side": get_args(Side),
    "contract": get_args(Contract),
    "contracts": get_args(Contract),
    "margin_mode": get_args(MarginMode),
    "maintenance_basis": get_args(MaintenanceBasis),
    "adl_rating": get_args(AdlRating),
    "layout": ("rows", "columns"),
    "policies": POLICIES,
    "price": ("bankruptcy", "mark", "unknown"),
    "fill_price": ("bankruptcy", "mark"),
}
_NUMBERS_TOO: Final = frozenset({"fill_price"})
# Other words, in lower case, for a value of these fields.
_CONTRACT_WORDS: Final[Mapping[Any, str]] = {
    **dict.fromkeys(("usdt", "usdc", "usdm", "usd-m", "usdt-m", "usdt-futures", "usdc-futures", "um"), "linear"),
    **dict.fromkeys(("coin", "coinm", "coin-m", "coin-futures", "coin-margined", "cm"), "inverse"),
}
_WORDS: Final[dict[str, Mapping[Any, str]]] = {
    "side": {
        **dict.fromkeys(("buy", "bid", "b", "1", 1, 1.0), "long"),
        **dict.fromkeys(("sell", "ask", "s", "-1", -1, -1.0), "short"),
    },
    "contract": _CONTRACT_WORDS,
    "contracts": _CONTRACT_WORDS,
    "margin_mode": {
        **dict.fromkeys(("crossed", "cross_margin", "cross-margin", "regular_cross"), "cross"),
        **dict.fromkeys(("isolated_margin", "isolated-margin", "fixed"), "isolated"),
    },
}
# Words, in lower case, that say nothing about the value of a field; what does.
_HINTS: Final[dict[str, Mapping[Any, str]]] = {
    "side": {
        "both": "the sign of positionAmt says which",  # Binance, in one-way mode
        "net": "the sign of pos says which",  # OKX, in net mode
    },
}
_FRACTIONS: Final = frozenset({"maintenance_margin_rate", "funding_rate", "fraction", "rate", "profit", "funding_cap"})
_TIMES: Final = frozenset({"as_of", "observed_at", "settles_at"})
_TIMES_OF_EVENTS: Final = frozenset({"from", "to"})  # those of sessions are minutes of a week

# What text of a field must be like, beside symbols and times.
_PATTERNS: Final[Mapping[str, str]] = {
    "what": "must be 1 to 100 characters, none of them a control character, the first no space",
}

# A number as JSON has it, in text, with the units that some fields are written with.
_NUMBER_TEXT: Final = re.compile(
    r"(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?) *(?P<unit>[%x×]?)"
)
_UNITS: Final = {"%": _FRACTIONS, "x": {"leverage"}, "×": {"leverage"}}
_THOUSANDS: Final = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_MAX_NUMBER: Final = 24  # characters of a number in text, with its unit
_PERCENT: Final = 100.0
_YEARS: Final = range(2000, 2101)
_MILLISECONDS_FROM: Final = 1e11  # as seconds, the year 5138
_BOUNDS: Final = {">=": "at least", "<=": "at most", "<": "below", ">": "above"}
_BOUND: Final = re.compile(r"expected `(?:float|int)[^`]*` (?P<sign>>=|<=|<|>) (?P<bound>\S+)\Z")
_KINDS: Final = re.compile(r"expected `(?P<due>float|int|str|bool|object|array)(?: \| null)?`, got `(?P<got>\w+)`\Z")
_LENGTH: Final = re.compile(r"expected `(?P<kind>array|object|str)` of length (?P<sign>>=|<=) (?P<bound>\d+)\Z")
_PARTS: Final = {"array": "items", "object": "entries", "str": "characters"}
_NAMES: Final = {
    "float": "a number",
    "int": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
    "None": "null",  # MessagePack's
}


def explain_value(detail: str, *, field: str, within: str = "", value: object = MISSING, venue: str = "generic") -> str:
    """What is wrong with a field's ``value`` and how to repair it; ``detail`` is the decoder's own account of it.

    ``within`` is the field that the object or list of objects with ``field`` is in, if any.
    """
    if length := _LENGTH.match(detail):
        if length["sign"] == ">=" and length["bound"] == "1":
            return "must not be empty"
        return f"must have {_BOUNDS[length['sign']]} {length['bound']} {_PARTS[length['kind']]}"
    if field in _CHOICES:
        return _explain_choice(field, value)
    if field == "symbol" and isinstance(value, str):
        return _explain_symbol(value, venue)
    is_time = field in _TIMES or (within == "events" and field in _TIMES_OF_EVENTS)
    if is_time and detail.startswith(("expected", "does not match")):
        return _explain_time(value)
    return _explain_amount(detail, field, value)


def _explain_choice(field: str, value: object) -> str:
    allowed = " or ".join(f"`{choice}`" for choice in _CHOICES[field]) + (
        " or a positive number" if field in _NUMBERS_TOO else ""
    )
    word = value.strip().lower() if isinstance(value, str) else value
    repair = None
    if isinstance(word, str | int | float) and not isinstance(word, bool):
        known = word if word in _CHOICES[field] else _WORDS.get(field, {}).get(word)
        repair = f"use `{known}`" if known else _HINTS.get(field, {}).get(word)
    sent = f", not {quote(value)}" if isinstance(value, str) else ""
    return f"must be {allowed}{sent}" + (f": {repair}" if repair else "")


def _explain_symbol(value: str, venue: str) -> str:
    if "/" not in value:
        return "must be the venue's own id of the contract, as its API gives it: 1 to 64 of A-Z a-z 0-9 : . _ @ -"
    likely = guess_symbol(value, venue)
    own = f"probably `{likely}`" if likely else "as its API gives it"
    return f"must be the venue's own id of the contract, {own}, not a unified symbol such as {quote(value)}"


def _explain_time(value: object) -> str:
    allowed = "must be text such as 2026-11-18T12:00:00Z, with seconds and offset, of the years 2000 to 2100"
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            moment = datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS_FROM else value, UTC)
        except (ValueError, OverflowError, OSError):
            return allowed
        if moment.year in _YEARS:
            return f"{allowed}: use {moment:%Y-%m-%dT%H:%M:%SZ}"
    return allowed


def _explain_amount(detail: str, field: str, value: object) -> str:
    if bound := _BOUND.match(detail):
        allowed = f"must be {_BOUNDS[bound['sign']]} {format_number(float(bound['bound']))}"
        return allowed + _repair_amount(field, value)
    if kinds := _KINDS.match(detail):
        repair = _repair_number(field, value) if kinds["due"] == "float" and isinstance(value, str) else None
        if (
            field in ("adl_meter", "adl_meter_before") and kinds["got"] == "object"
        ):  # {"LONG": 4, "SHORT": 1}, Binance's adlQuantile
            repair = "must be a number, not an object: send the reading of the side that is held"
        return repair or f"must be {_NAMES[kinds['due']]}, not {_NAMES.get(kinds['got'], kinds['got'])}"
    if detail.startswith("invalid enum value"):
        return "is none of the values of the schema" + (f": {quote(value)}" if isinstance(value, str) else "")
    return _PATTERNS.get(field, detail) if detail.startswith("does not match") else detail


def _repair_number(field: str, value: str) -> str | None:
    """What to send instead of a number in text; ``None`` if it is not clear."""
    text = value.strip().removeprefix("+")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    number = _NUMBER_TEXT.fullmatch(text) if len(text) <= _MAX_NUMBER else None
    if number is None or field not in _UNITS.get(number["unit"], {field}):
        return None
    amount = float(number["number"])
    if number["unit"] == "%":
        if abs(amount) >= _PERCENT:
            return None
        return f"must be a number, a fraction: send {format_number(amount / _PERCENT)} for {quote(value)}"
    if wrong := _repair_amount(field, amount):
        return f"must be a number, not text{wrong}"
    return f"must be a number, not text: send {number['number']}, without quotation marks"


def _repair_amount(field: str, value: object) -> str:
    """The repair of a number that is out of bounds, as the end of a sentence."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if field == "size" and value <= 0:
        return "; a size has no sign, `side` `short` is the minus" if value else "; a position of size 0 is closed"
    if value == 0:
        return "; leave out what is 0 because there is none"
    if field in _FRACTIONS and value >= 1:
        return "; it is a fraction: 0.01 is 1 %"
    return ""


def find_value(request: Any, steps: Sequence[str]) -> object:
    """The value at ``steps``, names and indices, into a request; ``MISSING`` if there is none."""
    value = request
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value
