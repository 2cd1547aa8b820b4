"""Values: what the client probably meant by the value it sent, beside what the schema takes there."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import inspect

from adlrisk.api.http.repairs.symbols import guess_symbol
from adlrisk.decoding.places import MISSING
from adlrisk.decoding.plain_words import (
    describe_types,
    explain,
    find_near,
    join_sent,
    list_choices,
    name_value,
    quote,
    show_value,
)
from adlrisk.domain.position.moment import FORM
from adlrisk.domain.position.number_format import format_number

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
_SIZE_FORM: Final = "a positive number of contracts (of base coin where `contract_size` is 1) such as 0.5"
_SYMBOL_FORM: Final = "the venue's own id of the contract"
_SYMBOL_CHARACTERS: Final = "1 to 64 of A-Z a-z 0-9 : . _ @ -"
_BEFORE_SYMBOLS: Final = "BTCUSDT"  # where the venue's convention is not known


def explain_value(
    account: str,
    *,
    field: str,
    types: Sequence[inspect.Type] = (),
    within: str = "",
    value: object = MISSING,
    venue: str = "generic",
) -> str:
    """What is wrong with a field's ``value`` and how to repair it; ``account`` is the decoder's own of it.

    ``types`` are those of the field; ``within`` is the field that the object or list of objects with it is in, if any.
    """
    choices = list_choices(types)
    if choices and value not in choices:  # else a sentence of the Struct's own, on fields that contradict each other
        return _explain_choice(field, types, value)
    if field == "symbol" and account.startswith("Expected"):
        return _explain_symbol(account, types, value, venue)
    is_time = field in _TIMES or (within == "events" and field in _TIMES_OF_EVENTS)
    if is_time and account.startswith("Expected"):
        return _explain_time(value)
    if field == "venue" and account.startswith("Expected"):
        return join_sent(
            "must be the id of a venue in text, such as `okx`", name_value(value), "; GET /venues lists them"
        )
    if field == "size" and account.startswith("Expected"):
        return _explain_size(account, value)
    return _explain_amount(account, field, types, value)


def _explain_choice(field: str, types: Sequence[inspect.Type], value: object) -> str:
    """The allowed values, the one that was sent, and the one that was meant."""
    choices = list_choices(types)
    word = value.strip().lower() if isinstance(value, str) else value
    repair = None
    if isinstance(word, str | int | float) and not isinstance(word, bool):
        known = word if word in choices else _WORDS.get(field, {}).get(word) or find_near(word, choices)
        repair = f"use `{known}`" if known else _HINTS.get(field, {}).get(word)
    return join_sent(f"must be {describe_types(types)}", show_value(value), f": {repair}" if repair else "")


def _explain_symbol(account: str, types: Sequence[inspect.Type], value: object, venue: str) -> str:
    example = guess_symbol("BTC/USDT:USDT", venue) or _BEFORE_SYMBOLS
    if not isinstance(value, str):
        return explain(account, types, value).replace(
            "must be text", f"must be text, {_SYMBOL_FORM} such as `{example}`"
        )
    if "/" not in value:
        return f"must be {_SYMBOL_FORM}, as its API gives it, such as `{example}`: {_SYMBOL_CHARACTERS}"
    likely = guess_symbol(value, venue)
    own = f"probably `{likely}`" if likely else "as its API gives it"
    return f"must be {_SYMBOL_FORM}, {own}, not a unified symbol such as {quote(value)}"


def _explain_time(value: object) -> str:
    allowed = f"must be {FORM}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            moment = datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS_FROM else value, UTC)
        except (ValueError, OverflowError, OSError):
            return allowed
        if moment.year in _YEARS:
            return f"{allowed}: use {moment:%Y-%m-%dT%H:%M:%SZ}"
    return allowed


def _explain_size(account: str, value: object) -> str:
    repair = _repair_number("size", value) if isinstance(value, str) else None
    if repair is not None:
        return repair
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return explain(account, (), value)  # too large, or too small
    sent = show_value(value) if isinstance(value, int | float) and not isinstance(value, bool) else name_value(value)
    return join_sent(f"must be {_SIZE_FORM}", sent, _repair_amount("size", value))


def _explain_amount(account: str, field: str, types: Sequence[inspect.Type], value: object) -> str:
    is_number_due = any(isinstance(found, inspect.FloatType | inspect.IntType) for found in types)
    if is_number_due and isinstance(value, str) and (repair := _repair_number(field, value)):
        return repair
    detail = explain(account, types, value)
    if is_number_due and field.startswith("adl_meter") and isinstance(value, dict):
        return f"{detail}: send the reading of the side that is held"  # {"LONG": 4, "SHORT": 1}, Binance's adlQuantile
    return detail + (_repair_amount(field, value) if " `float` " in account else "")


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
