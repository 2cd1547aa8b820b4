"""Messages about what cannot be decoded: every field of every request, with every wrong kind of value, in plain words.

The fields, their bounds and their choices are those of the schema, so a field that is added is tried as well.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from msgspec import inspect

from adlrisk.api.endpoints.account.schema import AccountRequest, Leg
from adlrisk.api.endpoints.adl.schema import AllocateRequest, PartialRequest
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresRequest
from adlrisk.api.endpoints.stress.schema import ExposureRequest
from adlrisk.api.endpoints.venues.schema import MarketPut
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.validation import decode_body
from adlrisk.decoding.places import find_types
from adlrisk.decoding.plain_words import explain
from adlrisk.decoding.reasons import read_reason
from adlrisk.domain.rules.card import VenueRules
from adlrisk.settings import SECRETS, Settings, SettingsError, read_settings, variable_of
from adlrisk.venues.overrides import VenuePatch

REQUESTS: Final = (ScoreRequest, ScoresRequest, AccountRequest, Leg, RankRequest, PartialRequest, AllocateRequest,
                   VenuePatch, MarketPut)  # fmt: skip
# Words of Python, of the decoder and of its patterns, that say nothing to who sends JSON.
FOREIGN: Final = re.compile(
    r"\b(str|float|int|bool|dict|list|tuple|None|NoneType|True|False|datetime|regex|matching|Expected|expected|got|enum|"
    r"ext|Raw|RFC3339|Invalid|type|schema)\b|\\[a-zA-Z]|\(\?"
)
WRONG: Final[tuple[Any, ...]] = (
    *("no such value", "", "x" * 5000, "2026-13-45", "0x10"),
    *(5, 5.5, 0, -1, 1e300, -1e300, 10**30, True, False, None),
    *([], [1], ["x"], {}, {"colour": "red"}),
)
ONLY_PACKED: Final = (b"\x00\xff", msgspec.msgpack.Ext(5, b"x"), float("nan"), float("inf"), float("-inf"))
KEYS: Final = ("BTC USDT", "", "x" * 100)


def places(kind: inspect.Type, steps: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every place of a schema that a value may be sent to; a step `*` is into a map, `a:b=c` into one kind of a."""
    if isinstance(kind, inspect.Metadata) and isinstance(kind.type, inspect.RawType):
        return  # whoever reads it has a schema of its own
    if steps:
        yield steps
    if isinstance(kind, inspect.Metadata):
        yield from places(kind.type, steps)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from places(each, steps)
    elif isinstance(kind, inspect.StructType):
        within = steps if kind.tag is None else (*steps[:-1], f"{steps[-1]}:{kind.tag_field}={kind.tag}")
        for field in kind.fields:
            yield from places(field.type, (*within, field.encode_name))
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
        yield from places(kind.item_type, (*steps, "0"))
    elif isinstance(kind, inspect.DictType):
        yield from places(kind.value_type, (*steps, "*"))


def put(value: Any, steps: tuple[str, ...]) -> Any:
    """A request with nothing but this value in it, and what it is in."""
    for step in reversed(steps):
        name, _, tag = step.partition(":")
        if tag:
            value = dict([tag.split("=")]) | value
        value = [value] if step == "0" else {"BTCUSDT" if step == "*" else name: value}
    return value


def allowed_at(kind: Any, steps: tuple[str, ...]) -> tuple[Any, ...]:
    """The values that the schema allows by name, as msgspec itself lists them."""
    found = find_types(kind, tuple("[...]" if step == "*" else step.partition(":")[0] for step in steps))
    return tuple(value for each in found if isinstance(each, inspect.LiteralType) for value in each.values)


def problem_of(kind: Any, request: Any, codec: codecs.Codec) -> ProblemError | None:
    try:
        decode_body(codec.build_decoder(kind), codec.encode(request))
    except ProblemError as error:
        return error
    return None


EVERY_PLACE: Final = [
    pytest.param(kind, steps, id=f"{kind.__name__}.{'.'.join(steps)}")
    for kind in REQUESTS
    for steps in dict.fromkeys(places(inspect.type_info(kind)))
]
SENT: Final = [(codecs.JSON, value) for value in WRONG] + [(codecs.MSGPACK, value) for value in (*WRONG, *ONLY_PACKED)]


@pytest.mark.parametrize(("kind", "steps"), EVERY_PLACE)
def test_a_wrong_value_of_any_kind_is_told_in_plain_words(kind: Any, steps: tuple[str, ...]) -> None:
    """At its place, with every allowed value where there is a list, and without a word of Python or of the decoder."""
    refused, allowed = 0, allowed_at(kind, steps)
    for codec, value in SENT:
        if value == 10**30 and codec is codecs.MSGPACK:  # it has no such numbers
            continue
        problem = problem_of(kind, put(value, steps), codec)
        if problem is None:
            continue
        (error,) = problem.errors
        assert problem.slug == "invalid-request"
        assert len(error.detail) <= 200
        quoted = re.sub(r"'[^']*'", "''", error.detail)
        assert not FOREIGN.search(quoted), (codec, value, error)
        at = "/" + "/".join(steps)
        if not (at.partition("/*")[0] == error.pointer or at == error.pointer):
            continue  # the value is taken, and something else is missing, or is wrong inside it
        if error.detail.startswith("required"):
            continue
        refused += 1
        assert error.detail.startswith(("must ", "in '", "each key must ", "has more", "unknown field")), error
        assert all(f"`{each}`" in error.detail for each in allowed), (value, error)
    assert refused, "nothing was refused here"


@pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=["JSON", "MessagePack"])
@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_key_is_told_in_plain_words(codec: codecs.Codec, key: str) -> None:
    """Symbols as the keys of `markets`."""
    problem = problem_of(AccountRequest, {"markets": {key: {}}}, codec)
    assert problem is not None
    (error,) = problem.errors
    assert error.pointer == "/markets"
    assert error.detail.startswith("each key must be the venue's own id of the contract")
    assert "`BTCUSDT`" in error.detail


@pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=["JSON", "MessagePack"])
@pytest.mark.parametrize(
    ("key", "why"), [("", "must not be empty"), ("x" * 33, "must have at most 32 characters, not 33")]
)
def test_a_name_of_a_case_that_is_wrong_is_no_symbol(codec: codecs.Codec, key: str, why: str) -> None:
    """Keys of `liquidity` are free names, and what is told of them is their length."""
    problem = problem_of(ExposureRequest, {"liquidity": {"calm": 1.0, key: 0.5}}, codec)
    assert problem is not None
    (error,) = problem.errors
    assert (error.pointer, error.detail) == ("/liquidity", f"each key {why}")


def test_a_key_that_is_no_text_is_told() -> None:
    """As MessagePack may have it."""
    for key, name in ((5, "a number"), (None, "null"), (b"x", "bytes"), (True, "true or false")):
        packed = msgspec.msgpack.encode({"markets": {key: {}}})
        with pytest.raises(ProblemError) as refused:
            decode_body(codecs.MSGPACK.build_decoder(AccountRequest), packed)
        (error,) = refused.value.errors
        assert error.pointer == "/markets"
        assert error.detail.startswith("each key must be text, the venue's own id of the contract")
        assert error.detail.endswith(f"not {name}")


def test_a_key_of_an_object_that_is_no_text_is_told() -> None:
    """It is the name of a field, and no symbol."""
    for request, pointer in (({5: 1}, ""), ({"position": {5: 1}}, "/position")):
        with pytest.raises(ProblemError) as refused:
            decode_body(codecs.MSGPACK.build_decoder(ScoreRequest), msgspec.msgpack.encode(request))
        (error,) = refused.value.errors
        assert (error.pointer, error.detail) == (pointer, "each key must be text, not a number")


@pytest.mark.parametrize("steps", [
    pytest.param(steps, id=".".join(steps)) for steps in dict.fromkeys(places(inspect.type_info(VenueRules)))
])  # fmt: skip
def test_a_wrong_value_of_a_card_is_told_in_plain_words(steps: tuple[str, ...]) -> None:
    """As `adlrisk check-cards` and the start of the service tell the operators."""
    allowed, refused = allowed_at(VenueRules, steps), 0
    for value in WRONG:
        try:
            msgspec.convert(put(value, steps), VenueRules)
        except msgspec.ValidationError as error:
            reason = read_reason(str(error))
            plain = tuple(step.partition(":")[0] for step in steps)
            if reason.steps != plain or reason.account.startswith(("required", "unknown")):
                continue
            detail = explain(reason.account, find_types(VenueRules, plain), value)
            refused += 1
            assert not FOREIGN.search(re.sub(r"'[^']*'", "''", detail)), (value, detail)
            assert all(f"`{each}`" in detail for each in allowed), (value, detail)
    assert refused, "nothing was refused here"


@pytest.mark.parametrize("field", [pytest.param(each, id=each.name) for each in msgspec.structs.fields(Settings)])
def test_a_wrong_setting_is_told_in_plain_words(field: Any) -> None:
    """With every allowed value where there is a list, as the start of the service tells the operators."""
    allowed = [value for each in find_types(field.type, ()) if isinstance(each, inspect.LiteralType)
               for value in each.values]  # fmt: skip
    for text in ("no such value", "-1", "nan", "1e300", "1.5", "9" * 30):
        told = message_about({variable_of(field.name): text})
        assert field.name in SECRETS or told is None or text in told
        assert told is None or not FOREIGN.search(re.sub(r"'[^']*'|ADLRISK_[A-Z_]*", "", told)), told
        assert told is None or all(f"`{each}`" in told for each in allowed), told


def message_about(environ: dict[str, str]) -> str | None:
    """What is wrong with the settings, if anything is."""
    try:
        read_settings(environ)
    except SettingsError as error:
        return str(error)
    return None
