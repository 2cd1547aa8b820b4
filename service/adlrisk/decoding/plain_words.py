"""Plain words for what the schema takes at a place, for what was sent, and for why that is not the same."""

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect

from adlrisk.decoding.places import MISSING
from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.position.market import AdlRating
from adlrisk.domain.position.moment import DATE_TIME, FORM
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Contract
from adlrisk.domain.rules.formulas import FORMULAS

_MAX_DETAIL: Final = 200
_MAX_QUOTED: Final = 32
_MIN_LIKENESS: Final = 0.8
_PLAIN_BELOW: Final = 1e16  # without an exponent
_SHOWN_BELOW: Final = 1e19  # numbers, with 25 characters at most
_DAY: Final = "a day such as 2026-11-18"
_NAMES: Final[Mapping[type[inspect.Type], str]] = {
    inspect.FloatType: "a number",
    inspect.IntType: "a whole number",
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.DateType: _DAY,
    inspect.StructType: "an object",
    inspect.DictType: "an object",
    inspect.ListType: "an array",
    inspect.VarTupleType: "an array",
}
# The decoder's names of what was sent, and of what was due where the schema is not at hand.
_OWN_NAMES: Final[Mapping[str, str]] = {
    "float": "a number",
    "int": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
    "None": "null",  # MessagePack's
    "null": "null",
    "date": _DAY,
    "bytes": "bytes",
    "ext": "an extension of MessagePack",
}
_PLAIN_NAMES: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    bytes: "bytes",
    dict: "an object",
    list: "an array",
    type(None): "null",
}
_COMPARISONS: Final = {">=": "at least", "<=": "at most", "<": "below", ">": "above"}
_PARTS: Final = {"array": "items", "object": "entries", "str": "characters"}
# In the order of their meaning; the schema has them in that of the alphabet.
_ORDERED: Final = {
    frozenset(values): values
    for values in (get_args(Contract), get_args(AdlRating), ("rows", "columns"), POLICIES, tuple(FORMULAS))
}
# What text is like that has a pattern.
_FORMS: Final[Sequence[tuple[str, str]]] = (
    (DATE_TIME, FORM),
    (r"^(?:Mon|Tue", "a minute of a week such as `Sat 20:00`, UTC"),
    (r"^[^\x00-\x20\x7f]", "1 to 100 characters, none of them a control character, the first no space"),
    (r"^[^\x00-\x1f]+", "text without control characters"),
    (r"^[A-Za-z0-9:._@-]", "the venue's own id of a contract such as `BTCUSDT`: 1 to 64 of A-Z a-z 0-9 : . _ @ -"),
    (r"^[a-z][a-z0-9_]", "an id such as `okx`: 1 to 32 of a-z 0-9 _, the first a letter"),
    (r"^[^.\s]+", "a name such as `info.fillType`, with dots between its parts and without spaces"),
)

_LENGTH: Final = re.compile(r"Expected `(?P<kind>array|object|str)` of length (?P<sign>>= |<= |)(?P<bound>\d+)\Z")
_BOUND: Final = re.compile(r"Expected `[^`]*` (?P<sign>>=|<=|<|>) (?P<bound>\S+)\Z")
_MULTIPLE: Final = re.compile(r"Expected `[^`]*` that's a multiple of (?P<unit>\S+)\Z")
_KINDS: Final = re.compile(r"Expected `(?P<due>[^`]*)`(?:, got `(?P<got>[^`]*)`)?\Z")
_PATTERN: Final = re.compile(r"Expected `str` matching regex")
_CHOICE: Final = re.compile(r"Invalid (?:enum )?value\b")


def list_choices(types: Sequence[inspect.Type]) -> tuple[Any, ...]:
    """The values that are allowed by name, in the order of their meaning if they have one."""
    values = tuple(value for found in types if isinstance(found, inspect.LiteralType) for value in found.values)
    return _ORDERED.get(frozenset(values), values)


def describe_types(types: Sequence[inspect.Type]) -> str:
    """What may stand at a place of these ``types``, null aside: who has nothing to send leaves the field out.

    >>> describe_types([inspect.LiteralType(values=("mark",)), inspect.FloatType(gt=0)])
    '`mark` or a positive number'
    """
    choices = [f"`{value}`" for value in list_choices(types)]
    named = [_name_type(found, among=bool(choices)) for found in types]
    return " or ".join(dict.fromkeys([*choices, *(name for name in named if name)]))


def find_near(word: object, choices: Sequence[Any]) -> str | None:
    """The choice that is nearly ``word``.

    >>> find_near("pnl_levrage", ["pnl_leverage", "pnl_over_equity"])
    'pnl_leverage'
    """
    if not isinstance(word, str) or len(word) > _MAX_QUOTED:
        return None
    folded = word.replace("-", "_").replace(" ", "_")
    names = [choice for choice in choices if isinstance(choice, str)]
    return next(iter(difflib.get_close_matches(folded, names, n=1, cutoff=_MIN_LIKENESS)), None)


def explain(account: str, types: Sequence[inspect.Type] = (), value: object = MISSING) -> str:
    """What is wrong with ``value`` at a place of these ``types``; ``account`` is the decoder's, or a sentence as it is.

    >>> explain("Expected `float`, got `str`")
    'must be a number, not text'
    """
    for pattern, explained in _EXPLAINED:
        if found := pattern.match(account):
            return explained(found, types, value)
    return account[:1].lower() + account[1:]


def show_value(value: object) -> str:
    """A value as it was sent if it is short, else what it is; nothing if it is not known."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int | float) and abs(value) < _SHOWN_BELOW:  # also neither NaN nor infinite
        is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _PLAIN_BELOW
        return msgspec.json.encode(int(value) if is_whole else value).decode()
    return name_value(value)


def name_value(value: object) -> str:
    """What a value is; nothing if it is not known."""
    if value is MISSING:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is not finite"
    return _PLAIN_NAMES.get(type(value), "an extension of MessagePack")


def join_sent(allowed: str, sent: str, repair: str = "") -> str:
    """A sentence on what is allowed and how to repair it, with what was sent in between if there is room for it."""
    whole = f"{allowed}, not {sent}{repair}"
    return whole if sent and len(whole) <= _MAX_DETAIL else allowed + repair


def quote(text: str) -> str:
    r"""The beginning of a client's text in quotation marks, with control characters escaped.

    >>> quote("BTC\n"), quote("A" * 40)
    ("'BTC\\n'", "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…'")
    """
    return repr(text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "…")


def _explain_length(found: re.Match[str], _: Sequence[inspect.Type], value: object) -> str:
    sign, bound, parts = found["sign"].strip(), int(found["bound"]), _PARTS[found["kind"]]
    if sign == ">=" and bound == 1:
        return "must not be empty"
    allowed = f"must have {_COMPARISONS[sign] if sign else 'exactly'} {bound} {parts}"
    return join_sent(allowed, str(len(value)) if isinstance(value, str | list | dict) else "")


def _explain_bound(found: re.Match[str], _: Sequence[inspect.Type], value: object) -> str:
    return join_sent(
        f"must be {_COMPARISONS[found['sign']]} {format_number(float(found['bound']))}", _show_number(value)
    )


def _explain_multiple(found: re.Match[str], _: Sequence[inspect.Type], value: object) -> str:
    unit = float(found["unit"])
    due = "a whole number" if unit == 1.0 else f"a multiple of {format_number(unit)}"
    return join_sent(f"must be {due}", _show_number(value))


def _explain_kinds(found: re.Match[str], types: Sequence[inspect.Type], value: object) -> str:
    due = describe_types(types) or " or ".join(
        dict.fromkeys(_OWN_NAMES.get(name, name) for name in found["due"].split(" | ") if name != "null")
    )
    if list_choices(types):
        return join_sent(f"must be {due}", show_value(value))
    if found["got"] == "float" and isinstance(value, float):
        return join_sent(f"must be {due}", _show_number(value))  # of a whole number
    got = _OWN_NAMES.get(found["got"], "") if found["got"] else name_value(value)
    return join_sent(f"must be {due}", got)


def _explain_pattern(found: re.Match[str], types: Sequence[inspect.Type], _: object) -> str:
    patterns = [kind.pattern for kind in types if isinstance(kind, inspect.StrType) and kind.pattern]
    of_message = found.string[found.end() :].strip().strip("'").replace("\\\\", "\\")
    for pattern in [*patterns, of_message]:
        for start, form in _FORMS:
            if pattern.startswith(start):
                return f"must be {form}"
    return "has another form than the schema allows"


def _explain_choice(_: re.Match[str], types: Sequence[inspect.Type], value: object) -> str:
    return join_sent(f"must be {describe_types(types) or 'one of the values that the schema has'}", show_value(value))


def _explain_range(_: re.Match[str], __: Sequence[inspect.Type], ___: object) -> str:
    return "must be at most 1000000000000000 in magnitude"


def _explain_day(_: re.Match[str], __: Sequence[inspect.Type], value: object) -> str:
    return join_sent(f"must be {_DAY}", show_value(value))


_EXPLAINED: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], Sequence[inspect.Type], object], str]]]] = (
    (_LENGTH, _explain_length),
    (_BOUND, _explain_bound),
    (_MULTIPLE, _explain_multiple),
    (_KINDS, _explain_kinds),
    (_PATTERN, _explain_pattern),
    (_CHOICE, _explain_choice),
    (re.compile(r"(?:Number|Integer value) out of range"), _explain_range),
    (re.compile(r"Invalid RFC3339 encoded date\Z"), _explain_day),
)


def _name_type(found: inspect.Type, *, among: bool) -> str | None:
    """The name of a type; a number is told to be positive ``among`` other choices, where no bound is told."""
    if isinstance(found, inspect.FloatType):
        if found.multiple_of == 1.0:
            return "a whole number"
        is_positive = (found.ge or 0.0) > 0.0 or (found.gt or -1.0) >= 0.0 or found.gt == 0.0
        return "a positive number" if among and is_positive else "a number"
    return _NAMES.get(type(found))


def _show_number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    shown = show_value(value)
    return "" if shown == name_value(1) else shown
