"""Names of fields: those that an object of a request may have, and which of them is meant by an unknown one."""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from adlrisk.decoding.places import ANY_KEY, find_types, list_key_types

_MAX_PLACES: Final = 64  # whose fields are remembered, for the many items of a batch with the same mistake
_MAX_LIKE: Final = 32  # characters of a name that is compared with others: no field's is longer
_MIN_LIKENESS: Final = 0.8
_MAX_LONGER: Final = 3  # characters that a name has more or less than the one that was meant
# What venues and ccxt call a field, as `_fold` makes it. Names that mean another figure elsewhere are left out (OKX's
# `mmr` is an amount, Binance's `isolatedMargin` includes PnL).
_OTHER_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("unrealizedprofit", "unrealisedpnl", "unrealisedprofit", "upl", "upnl"), "unrealized_pnl"),
    **dict.fromkeys(("positionamt", "contracts", "qty", "quantity", "amount"), "size"),
    **dict.fromkeys(("avgprice", "avgpx", "avgentryprice", "entrypx"), "entry_price"),
    **dict.fromkeys(("markpx", "mark"), "mark_price"),
    **dict.fromkeys(("positionside", "posside", "direction"), "side"),
    **dict.fromkeys(("marginbalance", "totalmarginbalance"), "equity"),
    **dict.fromkeys(("balance", "totalwalletbalance", "crosswalletbalance"), "wallet_balance"),
    **dict.fromkeys(("maintmargin", "totalmaintmargin"), "maintenance_margin"),
    "maintenancemarginpercentage": "maintenance_margin_rate",
    "lever": "leverage",
    **dict.fromkeys(("margintype", "mgnmode"), "margin_mode"),
    "lastfundingrate": "funding_rate",
    **dict.fromkeys(("adl", "adlquantile", "adlrankindicator"), "adl_meter"),
    **dict.fromkeys(("adlrisk", "symboladlrisk"), "adl_rating"),
    **dict.fromkeys(("deliverydate", "deliverytime", "delistingtime"), "settles_at"),
    "exchange": "venue",
    "legs": "positions",
}


def explain_unknown(name: str, value: object, known: tuple[str, ...]) -> str:
    """The detail of an unknown field; ``known`` are the fields of the object that has it.

    >>> explain_unknown("entryPrice", 60000.0, ("entry_price", "mark_price"))
    'unknown field: did you mean `entry_price`?'
    """
    meant = _find_meant(name, known)
    if meant is not None:
        return f"unknown field: did you mean `{meant}`?"
    if isinstance(value, dict) and any(field in value for field in known):
        return "unknown field: what is in it belongs one level up, without this object around it"
    return "unknown field"


def list_fields(kind: Any, steps: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the fields that an object at ``steps`` into a request of the type ``kind`` may have."""
    return tuple(
        field.encode_name
        for found in find_types(kind, steps)
        if isinstance(found, inspect.StructType)
        for field in found.fields
    )


def find_wrong_value(kind: Any, steps: Sequence[str], values: object) -> str | None:
    """The first key of the map ``values``, at ``steps``, with a value that cannot be decoded; ``None`` if unclear."""
    kinds = [found.cls for found in find_types(kind, (*steps, ANY_KEY)) if isinstance(found, inspect.StructType)]
    if len(kinds) != 1 or not isinstance(values, dict):
        return None
    return next((str(key) for key, value in values.items() if not _is_valid(value, kinds[0])), None)


def find_wrong_key(kind: Any, steps: Sequence[str], values: object) -> str | None:
    """The first key of the map ``values``, at ``steps``, that does not have its form; ``None`` if unclear."""
    forms = [key for key in list_key_types(find_types(kind, tuple(steps))) if isinstance(key, inspect.StrType)]
    if len(forms) != 1 or not isinstance(values, dict):
        return None
    return next((key for key in values if isinstance(key, str) and not _has_form(key, forms[0])), None)


def _has_form(key: str, form: inspect.StrType) -> bool:
    if form.pattern is not None and not re.search(form.pattern, key):
        return False
    return (form.min_length or 0) <= len(key) <= (len(key) if form.max_length is None else form.max_length)


def _find_meant(name: str, known: tuple[str, ...]) -> str | None:
    if len(name) > _MAX_LIKE:
        return None
    folded = _fold(name)
    own = _fold_all(known)
    other = _OTHER_NAMES.get(folded)
    if folded in own or other in known:
        return own.get(folded, other)
    # The others would take most of the time.
    alike = [field for field in own if field[0] == folded[:1] and abs(len(field) - len(folded)) <= _MAX_LONGER]
    return next((own[field] for field in difflib.get_close_matches(folded, alike, n=1, cutoff=_MIN_LIKENESS)), None)


@lru_cache(maxsize=_MAX_PLACES)
def _fold_all(names: tuple[str, ...]) -> Mapping[str, str]:
    return {_fold(name): name for name in names}


def _fold(name: str) -> str:
    """A name without what tells snake_case, camelCase and kebab-case apart."""
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def _is_valid(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
