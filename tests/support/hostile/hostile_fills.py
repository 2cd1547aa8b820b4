"""Hostile fills: whatever a fill holds, it has a kind in its place, and is never taken for an own one."""

from typing import Any, Final

import msgspec

from support.hostile.hostile_cases import FORCED, MOST_ANNOUNCED
from support.hostile.hostile_requests import Hostile

_ADL: Final = b'{"execType":"AdlTrade"}'
_PACKED_ADL: Final = msgspec.msgpack.encode({"execType": "AdlTrade"})


def _fill(title: str, sent: bytes, shown: str, kind: str = "unknown", *, note: str | None = ...) -> Hostile:  # type: ignore[assignment]
    """A fill before one of an ADL, which is classified in any case."""
    body = b'{"venue":"bybit","fills":[' + sent + b"," + _ADL + b"]}"
    return Hostile(title=title, target=FORCED, body=body, shown=shown, shows=_shows(kind, note))


def _packed_fill(title: str, sent: bytes, shown: str, kind: str = "unknown", *, note: str | None = ...) -> Hostile:  # type: ignore[assignment]
    body = b"\x82\xa5venue\xa5bybit\xa5fills\x92" + sent + _PACKED_ADL
    return Hostile(title=title, target=FORCED, body=body, shown=shown, shows=_shows(kind, note), packed=True)


def _shows(kind: str, note: Any) -> dict[str, Any]:
    said = {} if note is ... else {"/results/0/note": note}
    return {"/results/0/kind": kind, **said, "/results/1/kind": "adl", "/results/2": ...}


def _value(title: str, value: str, shown: str) -> Hostile:
    """A value that is nearly that of an ADL or of an own trade."""
    sent = msgspec.json.encode({"execType": value, "createType": value})
    return _fill(title, sent, shown, note="`execType` has a value that no rule knows.")


def _no(title: str, body: bytes, shown: str, pointer: str, *, slug: str = "invalid-request") -> Hostile:
    return Hostile(title=title, target=FORCED, body=body, shown=shown, status=400, slug=slug, pointer=pointer)


_NO_OBJECT: Final = "It is no object, so there is no field that a rule could look at."
_NO_FIELD: Final = "It has none of the fields that tell: `fills` of the venue's card says what to send."

HOSTILE_FILLS: Final = (
    *(
        _fill(f"fill that is {what}", sent, f"`{sent.decode()}`", note=_NO_OBJECT)
        for what, sent in (
            ("null", b"null"),
            ("true", b"true"),
            ("a number", b"4"),
            ("the largest double", b"1.7976931348623157e308"),
            ("the text of a kind", b'"AdlTrade"'),
            ("an array of a fill", b"[" + _ADL + b"]"),
        )
    ),
    _fill("fill without fields", b"{}", "`{}`", note=_NO_FIELD),
    _fill("field that tells, in capitals", b'{"EXECTYPE":"AdlTrade"}', '`{"EXECTYPE":"AdlTrade"}`', note=_NO_FIELD),
    _fill("path of a field as its name", b'{"info.execType":"AdlTrade"}', "`info.execType`", note=_NO_FIELD),
    _value("kind in capitals", "ADLTRADE", "`ADLTRADE`"),
    _value("kind with a space", "AdlTrade ", "`AdlTrade `"),
    _value("kind with a NUL", "AdlTrade\0", "`AdlTrade<00>`"),
    _value("kind in Cyrillic", "\u0410dlTrade", "U+0410, `dlTrade`"),
    _value("kind with a zero-width space", "Adl\u200bTrade", "`Adl`, U+200B, `Trade`"),
    _value("own order, decomposed and in capitals", "CREATEBYUSE\u0052\u0301", "`CREATEBYUSER`, U+0301"),
    _value("value of 60,000 letters", "x" * 30_000, "`x` 30,000 times, twice"),
    _fill("value in an array", b'{"execType":["AdlTrade"]}', '`{"execType":["AdlTrade"]}`', note=_NO_FIELD),
    _fill("value in an object", b'{"execType":{"":"AdlTrade"}}', '`{"execType":{"":"AdlTrade"}}`', note=_NO_FIELD),
    _fill("value of null", b'{"execType":null}', '`{"execType":null}`', note=_NO_FIELD),
    _fill(
        "the last of two kinds wins: ADL", b'{"execType":"Trade","execType":"AdlTrade"}', "`Trade`, `AdlTrade`", "adl"
    ),
    _fill("the last of two kinds wins: none", b'{"execType":"AdlTrade","execType":""}', "`AdlTrade`, empty"),
    _fill("field with an escape", b'{"exec\\u0054ype":"Adl\\u0054rade"}', r"`exec\u0054ype`", "adl"),
    _fill(
        "order by the user in a liquidation",
        b'{"execType":"BustTrade","createType":"CreateByUser"}',
        "`BustTrade`, `CreateByUser`",
        "liquidation",
    ),
    _fill(
        "object in `info`", b'{"execType":"BustTrade","info":{"execType":"AdlTrade"}}', "`BustTrade`, `AdlTrade`", "adl"
    ),
    _fill("empty object in `info`", b'{"execType":"AdlTrade","info":{}}', "`AdlTrade`, `{}`", note=_NO_FIELD),
    _fill("`info` in `info`", b'{"info":{"info":{"execType":"AdlTrade"}}}', "`{info: {info: …`", note=_NO_FIELD),
    _fill(
        "ccxt's trade without `info`",
        b'{"timestamp":1,"datetime":"","execType":"Trade","createType":"CreateByUser"}',
        "`timestamp`, `datetime`, `CreateByUser`",
        note="ccxt's own fields do not tell: send its `info` too, the venue's object.",
    ),
    _fill("fill with text that is not UTF-8", b'{"execType":"AdlTrade","a":"\xff"}', '`"a":"<FF>"`'),
    _fill("number too large for a double", b'{"execType":"AdlTrade","a":1e400}', '`"a":1e400`'),
    _fill("integer of 5,000 digits", b'{"execType":"AdlTrade","a":1' + b"0" * 5_000 + b"}", "`1`, 5,000 zeros"),
    _fill("integer of 30 digits as the kind", b'{"execType":' + b"1" * 30 + b"}", "`1` 30 times"),
    _fill("fill nested 500 deep", b'{"execType":"AdlTrade","a":' + b"[" * 500 + b"]" * 500 + b"}", "`[[…`", "adl"),
    _fill(
        "numbers of a fill next to nothing",
        b'{"execType":"AdlTrade","a":[' + b"3e-324," * 900 + b"0]}",
        "`3e-324` 900 times",
    ),
    _no(
        "fill nested 30,000 deep",
        b'{"venue":"bybit","fills":[' + b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"]}",
        '`{"a": {"a": …`',
        "",
        slug="malformed-body",
    ),
    _no("fill with a comment", b'{"venue":"bybit","fills":[{/**/}]}', "`{/**/}`", "", slug="malformed-body"),
    _no("null for the venue of fills", b'{"venue":null,"fills":[{}]}', '`{"venue":null}`', "/venue"),
    _no("null for the fills", b'{"venue":"bybit","fills":null}', '`{"fills":null}`', "/fills"),
    _no("a fill in place of fills", b'{"venue":"bybit","fills":' + _ADL + b"}", "an object", "/fills"),
    _packed_fill("kind as bytes", b"\x81\xa8execType\xc4\x08AdlTrade", "`C4 08 …`", note=_NO_FIELD),
    _packed_fill("kind that is NaN", b"\x81\xa8execType\xcb\x7f\xf8" + b"\0" * 6, "`CB 7F F8 …`"),
    _packed_fill("kind that is infinite", b"\x81\xa8execType\xcb\x7f\xf0" + b"\0" * 6, "`CB 7F F0 …`"),
    _packed_fill("kind that is a time", b"\x81\xa8execType\xd6\xff\0\0\0\0", "`D6 FF 00 …`", note=_NO_FIELD),
    _packed_fill("kind of an extension type", b"\x81\xa8execType\xd4\x05x", "`D4 05 78`", note=_NO_FIELD),
    _packed_fill("integers as the keys of a fill", b"\x82\x01\x01\xc0\x02", "`82 01 01 C0 02`", note=_NO_FIELD),
    _packed_fill("bytes as the key of a fill", b"\x81\xc4\x08execType\xa8AdlTrade", "`81 C4 08 …`", note=_NO_FIELD),
    _packed_fill("map as the key of a fill", b"\x81\x80\x01", "`81 80 01`"),
    _packed_fill("text of a fill that is not UTF-8", b"\x81\xa8execType\xa1\xff", "`A1 FF`"),
    Hostile(
        title="fill that is an array of 2³² − 1 items, none there",
        target=FORCED,
        body=b"\x82\xa5venue\xa5bybit\xa5fills\x91\xdd" + MOST_ANNOUNCED,
        shown="`DD FF FF FF FF`",
        status=400,
        slug="malformed-body",
        pointer="",
        packed=True,
    ),
)
