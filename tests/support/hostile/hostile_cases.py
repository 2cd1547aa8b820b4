"""Hostile bodies, numbers and strings, each with the exact answer; documented failures are in ``failure_cases``.

The tests send them to a running server; the tables in ``docs/testing/hostile-inputs.md`` are generated from them. The
value of a number is computed by hand or with ``fractions``, never taken from an answer.
"""

import json
import struct
import unicodedata
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from support.hostile.failure_cases import (
    ACCOUNT,
    ALLOCATE,
    BOOK,
    EXPOSE,
    FILLS,
    PARTIAL,
    PATCH,
    PLAN,
    RECORD,
    SIMULATE,
    WORKED,
)

BOM: Final = b"\xef\xbb\xbf"
MOST_ANNOUNCED: Final = b"\xff\xff\xff\xff"
HOLE: Final = "@@HOLE@@"
PAST_INLINE: Final = 300_000  # bytes of white space that send a book to the worker


class Target(Struct, frozen=True, kw_only=True):
    """An endpoint with a body, and a request that it answers with 200."""

    method: str
    path: str
    valid: dict[str, Any]

    @property
    def name(self) -> str:
        """Return its name in the documentation."""
        return f"{self.method} {self.path}"


SCORE: Final = Target(method="POST", path="/score", valid=WORKED)
SCORES: Final = Target(method="POST", path="/scores", valid={"items": [WORKED]})
WHOLE: Final = Target(method="POST", path="/account", valid=ACCOUNT)
PLANNED: Final = Target(method="POST", path="/plan", valid=PLAN)
RANK: Final = Target(method="POST", path="/queue/rank", valid=BOOK)
PARTIALLY: Final = Target(method="POST", path="/adl/partial", valid=PARTIAL)
ALLOCATION: Final = Target(method="POST", path="/adl/allocate", valid=ALLOCATE)
SIMULATION: Final = Target(method="POST", path="/adl/simulate", valid=SIMULATE)
EXPOSURE: Final = Target(method="POST", path="/adl/exposure", valid=EXPOSE)
FORCED: Final = Target(method="POST", path="/fills/classify", valid=FILLS)
VENUE: Final = Target(method="PATCH", path="/venues/coinex", valid=PATCH)
MARKET: Final = Target(method="PUT", path="/venues/coinex/markets/HOSTILE", valid=RECORD)
TARGETS: Final = (
    SCORE, SCORES, WHOLE, PLANNED, RANK, PARTIALLY, ALLOCATION, SIMULATION, EXPOSURE, FORCED, VENUE, MARKET,
)  # fmt: skip


T = TypeVar("T")


def in_turn(choices: Sequence[T], turn: int, *, always: Collection[T]) -> list[T]:
    """Return where the table row number ``turn`` is sent: ``always`` there, and to the others in turn."""
    others = [choice for choice in choices if choice not in always]
    return [*always, others[turn % len(others)]]


class Anywhere(Struct, frozen=True, kw_only=True):
    """A body that every endpoint rejects alike."""

    title: str
    slug: str
    pointer: str
    body: bytes | Callable[[bytes], bytes]  # as it is, or built from a valid one
    packed: bool = False
    shown: str

    def body_for(self, target: Target) -> bytes:
        """Return the body to send to ``target``."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body(msgspec.msgpack.encode(target.valid) if self.packed else json.dumps(target.valid).encode())


def _malformed(title: str, body: bytes | Callable[[bytes], bytes], shown: str, *, packed: bool = False) -> Anywhere:
    return Anywhere(title=title, slug="malformed-body", pointer="", body=body, packed=packed, shown=shown)


def _schema(title: str, body: bytes, shown: str, pointer: str = "", *, packed: bool = False) -> Anywhere:
    return Anywhere(title=title, slug="invalid-request", pointer=pointer, body=body, packed=packed, shown=shown)


def _key(title: str, key: str, shown: str, pointer: str) -> Anywhere:
    """An unknown field of this name."""
    return _schema(title, json.dumps({key: 1}).encode(), shown, pointer)


ANYWHERE: Final[tuple[Anywhere, ...]] = (
    _malformed("byte order mark before a valid body", lambda valid: BOM + valid, "BOM, then a valid body"),
    _malformed("UTF-16 with a byte order mark", lambda valid: valid.decode().encode("utf-16"), "UTF-16"),
    _malformed("UTF-16, big end first", lambda valid: valid.decode().encode("utf-16-be"), "UTF-16BE"),
    _malformed("UTF-16, little end first", lambda valid: valid.decode().encode("utf-16-le"), "UTF-16LE"),
    _malformed("UTF-32", lambda valid: valid.decode().encode("utf-32"), "UTF-32"),
    _malformed("UTF-7", b"+AHsAfQ-", "`+AHsAfQ-`"),
    _malformed("NUL before a valid body", lambda valid: b"\0" + valid, "`<00>{…}`"),
    _malformed("NUL after a valid body", lambda valid: valid + b"\0", "`{…}<00>`"),
    _malformed("a form feed is no white space", lambda valid: b"\x0c" + valid, "`<0C>{…}`"),
    _malformed("a no-break space is no white space", lambda valid: b"\xc2\xa0" + valid, "`<C2 A0>{…}`"),
    _malformed("two bodies", lambda valid: valid + valid, "`{…}{…}`"),
    _malformed("lines of JSON", lambda valid: valid + b"\n" + valid, "`{…}`, line break, `{…}`"),
    _malformed("a valid body cut in the middle", lambda valid: valid[: len(valid) // 2], "half of a valid body"),
    _malformed("comment in an object", b"{/**/}", "`{/**/}`"),
    _malformed("comment before a valid body", lambda valid: b"//\n" + valid, "`//`, line break, `{…}`"),
    _malformed("comment after a valid body", lambda valid: valid + b"#", "`{…}#`"),
    _malformed("comma alone", b"{,}", "`{,}`"),
    _malformed("trailing comma", lambda valid: valid.rstrip()[:-1] + b",}", "`{…,}`"),
    _malformed("single quotes", b"{'a':1}", "`{'a':1}`"),
    _malformed("key without quotes", b"{a:1}", "`{a:1}`"),
    _malformed("number as a key", b"{1:1}", "`{1:1}`"),
    _malformed("null as a key", b"{null:1}", "`{null:1}`"),
    _malformed("overlong UTF-8 in a key", b'{"\xc0\xaf":1}', '`{"<C0 AF>":1}`'),
    _malformed("overlong NUL in a key", b'{"\xc0\x80":1}', '`{"<C0 80>":1}`'),
    _malformed("truncated UTF-8 in a key", b'{"\xe2\x82":1}', '`{"<E2 82>":1}`'),
    _malformed("surrogate encoded in UTF-8", b'{"\xed\xa0\x80":1}', '`{"<ED A0 80>":1}`'),
    _malformed("surrogate pair encoded in UTF-8", b'{"\xed\xa0\xbd\xed\xb8\x80":1}', '`{"<ED A0 BD ED B8 80>":1}`'),
    _malformed("beyond the last code point", b'{"\xf4\x90\x80\x80":1}', '`{"<F4 90 80 80>":1}`'),
    _malformed("continuation byte alone", b'{"\x80":1}', '`{"<80>":1}`'),
    _malformed("lone high surrogate as the key", b'{"\\ud800":1}', r'`{"\ud800":1}`'),
    _malformed("lone low surrogate as the key", b'{"\\udc00":1}', r'`{"\udc00":1}`'),
    _malformed("surrogates in the wrong order", b'{"\\udc00\\ud800":1}', r'`{"\udc00\ud800":1}`'),
    _malformed("surrogate before a letter", b'{"\\ud800\\u0061":1}', r'`{"\ud800\u0061":1}`'),
    _malformed("escape that JSON lacks", b'{"\\x41":1}', r'`{"\x41":1}`'),
    _malformed("escape of three digits", b'{"\\u123":1}', r'`{"\u123":1}`'),
    _malformed("control character in a string", b'{"a\x1fb":1}', '`{"a<1F>b":1}`'),
    _malformed("NUL in a string", b'{"a\0b":1}', '`{"a<00>b":1}`'),
    _malformed("line break in a string", b'{"a\nb":1}', '`{"a<0A>b":1}`'),
    _schema("objects nested 12,000 deep", b'{"a":' * 12_000, '`{"a":` 12,000 times', "/a"),
    _schema("null", b"null", "`null`"),
    _schema("string", b'"{}"', '`"{}"`'),
    _schema("number", b"1e400", "`1e400`"),
    _schema("true", b"true", "`true`"),
    _schema("array of an object", b"[{}]", "`[{}]`"),
    _key("surrogate pair as the key", "\U0001f600", r'`{"\ud83d\ude00":1}`', "/\U0001f600"),
    _key("escaped NUL as the key", "\0", r'`{"\u0000":1}`', "/\0"),
    _key("empty key", "", '`{"":1}`', "/"),
    _key("`__proto__` as the key", "__proto__", '`{"__proto__":1}`', "/__proto__"),
    _key("`constructor` as the key", "constructor", '`{"constructor":1}`', "/constructor"),
    _key("a dunder of Python", "__class__", '`{"__class__":1}`', "/__class__"),
    _key("a field of the answer", "status", '`{"status":1}`', "/status"),
    _key("field name in another case", "Venue", '`{"Venue":1}`', "/Venue"),
    _key("field name with a space", "venue ", '`{"venue ":1}`', "/venue "),
    _key("field name in Cyrillic", "\u0455core", r'`{"\u0455core":1}`', "/\u0455core"),
    _key("field name with a zero-width space", "venue\u200b", r'`{"venue\u200b":1}`', "/venue\u200b"),
    _key("key of 60,000 letters", "k" * 60_000, "`k` 60,000 times", "/" + "k" * 64),
    _key("key of 14,000 emoji", "\U0001f600" * 4_500, "U+1F600 4,500 times", "/" + "\U0001f600" * 64),
    _key("key with a backtick", "a`b", '``{"a`b":1}``', "/a`b"),
    _key("key that looks like an error message", "missing required", '`{"missing required":1}`', "/missing required"),
    _key("key that looks like another error message", "matching regex", '`{"matching regex":1}`', "/matching regex"),
    _malformed("map of 2³² − 1 entries, none there", b"\xdf" + MOST_ANNOUNCED, "`DF FF FF FF FF`", packed=True),
    _malformed("string of 2³² − 1 bytes as the key", b"\x81\xdb" + MOST_ANNOUNCED, "`81 DB FF FF FF FF`", packed=True),
    _malformed("reserved byte as the body", b"\xc1", "`C1`", packed=True),
    _malformed("a valid map and one more byte", lambda valid: valid + b"\xc0", "a valid map, then `C0`", packed=True),
    _malformed("a valid map without its last byte", lambda valid: valid[:-1], "a valid map, cut", packed=True),
    _malformed("key that is not UTF-8", b"\x81\xa2\xc0\xaf\x01", "`81 A2 C0 AF 01`", packed=True),
    _malformed("key with an encoded surrogate", b"\x81\xa3\xed\xa0\x80\x01", "`81 A3 ED A0 80 01`", packed=True),
    _schema("array of 2³² − 1 items, none there", b"\xdd" + MOST_ANNOUNCED, "`DD FF FF FF FF`", packed=True),
    _schema("arrays nested 60,000 deep", b"\x91" * 60_000, "`91` 60,000 times", packed=True),
    _schema("maps nested 15,000 deep", b"\x81\xa1a" * 15_000, "`81 A1 61` 15,000 times", "/a", packed=True),
    _schema("binary of 2³² − 1 bytes as the key", b"\x81\xc6" + MOST_ANNOUNCED, "`81 C6 FF FF FF FF`", packed=True),
    _schema("integer as the key", b"\x81\x01\x01", "`81 01 01`", packed=True),
    _schema("reserved byte as the key", b"\x81\xc1\x01", "`81 C1 01`", packed=True),
    _schema("nil as the key", b"\x81\xc0\x01", "`81 C0 01`", packed=True),
    _schema("binary as the key", b"\x81\xc4\x05venue\x01", "`81 C4 05 …`", packed=True),
    _schema("map as the key", b"\x81\x80\x01", "`81 80 01`", packed=True),
    _schema("nil", b"\xc0", "`C0`", packed=True),
    _schema("NaN", b"\xcb\x7f\xf8\0\0\0\0\0\0", "`CB 7F F8 00…`", packed=True),
    _schema("timestamp", b"\xd6\xff\0\0\0\0", "`D6 FF 00 00 00 00`", packed=True),
    _schema("extension type", b"\xd4\x05x", "`D4 05 78`", packed=True),
    _schema(
        "unknown key before an array without end",
        b"\x81\xa1a\xdd" + MOST_ANNOUNCED,
        "`81 A1 61 DD FF…`",
        "/a",
        packed=True,
    ),
)


class NumberField(Struct, frozen=True, kw_only=True):
    """A field with a positive number in a request, and where the answer repeats it."""

    target: Target
    request: dict[str, Any]  # with HOLE for the number
    pointer: str  # of the number in the request
    echo: str  # JSON Pointer into the answer

    def json(self, text: str) -> bytes:
        """Return the request with ``text`` as the number."""
        return json.dumps(self.request).replace(json.dumps(HOLE), text).encode()

    def packed(self, value: bytes) -> bytes:
        """Return the request with the encoded ``value`` as the number."""
        return msgspec.msgpack.encode(self.request).replace(msgspec.msgpack.encode(HOLE), value)


UNIT: Final[dict[str, Any]] = {"side": "long", "size": HOLE, "entry_price": 1, "mark_price": 1, "margin": 1}
ROW: Final[dict[str, Any]] = {"id": "a", "side": "long", "size": HOLE, "entry_price": 1, "margin": 1}
LEG: Final[dict[str, Any]] = {"id": "a", "side": "long", "entry_price": 1, "mark_price": 1}
UNIT_BOOK: Final[dict[str, Any]] = {"venue": "bitmex", "mark_price": 1}

NUMBER_FIELDS: Final = (
    NumberField(target=SCORE, request={"position": UNIT}, pointer="/position/size", echo="/state/notional"),
    NumberField(
        target=SCORES,
        request={"items": [{"position": UNIT}]},
        pointer="/items/0/position/size",
        echo="/results/0/state/notional",
    ),
    NumberField(
        target=WHOLE,
        request={"venue": "bitmex", "maintenance_margin": HOLE, "positions": [{**LEG, "size": 1}]},
        pointer="/maintenance_margin",
        echo="/account/maintenance_margin",
    ),
    NumberField(
        target=WHOLE,
        request={"venue": "bitmex", "wallet_balance": 1, "positions": [{**LEG, "size": HOLE}]},
        pointer="/positions/0/size",
        echo="/account/gross_notional",
    ),
    NumberField(
        target=RANK,
        request={**UNIT_BOOK, "positions": [ROW]},
        pointer="/positions/0/size",
        echo="/queues/long/size",
    ),
    NumberField(
        target=RANK,
        request={**UNIT_BOOK, "columns": {name: [value] for name, value in ROW.items()}, "layout": "columns"},
        pointer="/columns/size/0",
        echo="/queues/long/columns/size/0",
    ),
    NumberField(
        target=PARTIALLY,
        request={**PARTIAL, "scenario_prices": [HOLE]},
        pointer="/scenario_prices/0",
        echo="/scenarios/0/price",
    ),
    NumberField(target=ALLOCATION, request={**ALLOCATE, "fill_price": HOLE}, pointer="/fill_price", echo="/fill_price"),
    NumberField(
        target=SIMULATION, request={**SIMULATE, "marks": [HOLE]}, pointer="/marks/0", echo="/steps/0/mark_price"
    ),
    NumberField(target=VENUE, request={"score": {"leverage": HOLE}}, pointer="/score/leverage", echo="/score/leverage"),
    NumberField(target=MARKET, request={"contract_size": HOLE}, pointer="/contract_size", echo="/contract_size"),
)

ALWAYS_NUMBER_FIELDS: Final = tuple(place for place in NUMBER_FIELDS if place.target in (SCORE, RANK))


class Number(Struct, frozen=True, kw_only=True):
    """A value sent as a positive number, in JSON or in MessagePack."""

    title: str
    text: str = ""
    packed: bytes = b""
    reads: Fraction | None = None  # the number that it is read as; None: it is rejected
    slug: str = "invalid-request"
    shown: str = ""

    @property
    def sent(self) -> str:
        """Return what the documentation shows."""
        if self.shown:
            return self.shown
        return f"`{self.text}`" if self.text else f"`{self.packed.hex(' ').upper()}`"


def _reads(title: str, sent: str | bytes, value: Fraction | int | str, shown: str = "") -> Number:
    """An accepted number."""
    text, packed = (sent, b"") if isinstance(sent, str) else ("", sent)
    return Number(title=title, text=text, packed=packed, reads=Fraction(value), shown=shown)


def _refused(title: str, sent: str | bytes, shown: str = "", *, slug: str = "invalid-request") -> Number:
    text, packed = (sent, b"") if isinstance(sent, str) else ("", sent)
    return Number(title=title, text=text, packed=packed, slug=slug, shown=shown)


def _no_number(title: str, text: str) -> Number:
    """What JSON does not call a number."""
    return _refused(title, text, slug="malformed-body")


_HALF_ULP: Final = Fraction(1, 2**53)  # of 1: exactly between 1 and the next double

NUMBERS: Final[tuple[Number, ...]] = (
    _reads("exponent in capitals with a plus", "1E+2", 100),
    _reads("exponent with leading zeros", "1e+0002", 100),
    _reads("negative exponent", "100e-2", 1),
    _reads("exponent that cancels 400 zeros", "1" + "0" * 400 + "e-400", 1, "`1`, 400 zeros, `e-400`"),
    _reads("exponent that cancels 400 decimal places", "0." + "0" * 400 + "1e401", 1, "`0.`, 400 zeros, `1e401`"),
    _reads("5,000 zeros after the point", "1." + "0" * 5_000, 1, "`1.`, 5,000 zeros"),
    _reads("0.1 to its last binary place", "0.1000000000000000055511151231257827021181583404541015625", "1/10"),
    _reads("halfway to the next double: to the even one", "1.00000000000000011102230246251565404236316680908203125", 1),
    _reads(
        "a little more than halfway: up",
        "1.00000000000000011102230246251565404236316680908203125" + "0" * 800 + "1",
        1 + 2 * _HALF_ULP,
        "the same, 800 zeros, `1`",
    ),
    _reads("integer that no double represents", "9007199254740993e-3", "9007199254740.993"),
    _reads("largest", "1000000000000000", 10**15),
    _reads("halfway above the largest: rounds to it", "1000000000000000.0625", 10**15),
    _refused("more than halfway above the largest", "1000000000000000.06250001"),
    _reads("just below the largest", "999999999999999.9", "999999999999999.875"),
    _reads("smallest", "0.000000000001", "1e-12"),
    _reads("rounds up to the smallest", "0.00000000000099999999999999999999", "1e-12"),
    _refused("below the smallest", "0.00000000000099999999999"),
    _refused("zero", "0"),
    _refused("minus zero", "-0"),
    _refused("minus zero as a fraction", "-0.0"),
    _refused("zero with a huge exponent", "0e999999999"),
    _refused("zero of 5,000 places", "0." + "0" * 5_000, "`0.`, 5,000 zeros"),
    _refused("denormal", "1e-320"),
    _refused("smallest denormal", "5e-324"),
    _refused("rounds to zero", "1e-5000"),
    _refused("exponent beyond 64 bits", "1e99999999999999999999"),
    _refused("negative exponent beyond 64 bits", "1e-99999999999999999999"),
    _refused("infinite as a double", "1e400"),
    _refused("minus infinite as a double", "-1e400"),
    _refused("largest double", "1.7976931348623157e308"),
    _refused("integer of 5,000 digits", "1" + "0" * 5_000, "`1`, 5,000 zeros"),
    _refused("2⁶⁴ − 1", "18446744073709551615"),
    _refused("2⁶⁴", "18446744073709551616"),
    _refused("−2⁶³ − 1", "-9223372036854775809"),
    _refused("true", "true"),
    _refused("false", "false"),
    _refused("number as a string", '"1"'),
    _refused("NaN as a string", '"NaN"'),
    _refused("number in an array", "[1]"),
    _refused("empty array", "[]"),
    _refused("empty object", "{}"),
    _refused("BSON's way to write a number", '{"$numberDouble":"1"}'),
    _no_number("leading zero", "01"),
    _no_number("minus and a leading zero", "-01"),
    _no_number("plus", "+1"),
    _no_number("nothing before the point", ".5"),
    _no_number("nothing after the point", "1."),
    _no_number("exponent without a number", "1e"),
    _no_number("exponent with a sign only", "1e+"),
    _no_number("fraction in the exponent", "1e5.5"),
    _no_number("minus alone", "-"),
    _no_number("two minus signs", "--1"),
    _no_number("underscore", "1_000"),
    _no_number("full-width digit", "\uff11"),
    _no_number("Arabic digit", "\u0661"),
    _no_number("`nan`", "nan"),
    _no_number("`inf`", "inf"),
    _no_number("`undefined`", "undefined"),
    _no_number("`True`", "True"),
    _reads("float32", b"\xca\x3f\xc0\0\0", "1.5"),
    _reads("0.1 as float32 is not 0.1", b"\xca" + struct.pack(">f", 0.1), Fraction(13421773, 2**27)),
    _reads("10¹⁵ as float32 is less", b"\xca" + struct.pack(">f", 1e15), 999999986991104),
    _reads("largest as int64", b"\xd3" + (10**15).to_bytes(8, "big"), 10**15),
    _reads("7 as uint64", b"\xcf\0\0\0\0\0\0\0\x07", 7),
    _reads("200 as uint8", b"\xcc\xc8", 200),
    _refused("the same byte as int8", b"\xd0\xc8"),
    _refused("largest uint64", b"\xcf" + b"\xff" * 8),
    _refused("largest int64", b"\xd3\x7f" + b"\xff" * 7),
    _refused("smallest int64", b"\xd3\x80" + b"\0" * 7),
    _refused("NaN as float32", b"\xca\x7f\xc0\0\0"),
    _refused("negative NaN as float32", b"\xca\xff\xc0\0\0"),
    _refused("signalling NaN as float32", b"\xca\x7f\xa0\0\x01"),
    _refused("infinity as float32", b"\xca\x7f\x80\0\0"),
    _refused("minus infinity as float32", b"\xca\xff\x80\0\0"),
    _refused("NaN as float64", b"\xcb\x7f\xf8" + b"\0" * 6),
    _refused("signalling NaN as float64", b"\xcb\x7f\xf0\0\0\0\0\0\x01"),
    _refused("infinity as float64", b"\xcb\x7f\xf0" + b"\0" * 6),
    _refused("minus infinity as float64", b"\xcb\xff\xf0" + b"\0" * 6),
    _refused("largest float32", b"\xca\x7f\x7f\xff\xff"),
    _refused("denormal as float32", b"\xca\0\0\0\x01"),
    _refused("denormal as float64", b"\xcb" + (1).to_bytes(8, "big")),
    _refused("minus zero as float64", b"\xcb\x80" + b"\0" * 7),
    _refused("zero as an integer", b"\x00"),
    _refused("true in MessagePack", b"\xc3"),
    _refused("string in MessagePack", b"\xa11"),
    _refused("binary in MessagePack", b"\xc4\x011"),
    _refused("array in MessagePack", b"\x91\x01"),
    _refused("map in MessagePack", b"\x80"),
    _refused("timestamp of 32 bits", b"\xd6\xff\0\0\0\x01"),
    _refused("timestamp of 64 bits", b"\xd7\xff" + b"\0" * 7 + b"\x01"),
    _refused("timestamp of 96 bits", b"\xc7\x0c\xff" + b"\0" * 11 + b"\x01"),
    _refused("extension type in MessagePack", b"\xd4\x05\x01"),
    _refused("reserved byte", b"\xc1", slug="malformed-body"),
)


class Text(Struct, frozen=True, kw_only=True):
    """A string as the id of a position; it comes back unchanged, code point for code point."""

    title: str
    text: str
    shown: str


TEXTS: Final = tuple(
    Text(title=title, text=text, shown=shown or " ".join(f"U+{ord(character):04X}" for character in text))
    for title, text, shown in (
        ("NUL", "\0", ""),
        ("control characters", "\x01\x1b\x7f\x85", ""),
        ("Unicode line breaks", "a\u2028\u2029b", ""),
        ("written from right to left", "\u202egnp\u2066", ""),
        ("zero-width characters", "a\u200b\u200d\u2060b", ""),
        ("byte order mark", "\ufeff", ""),
        ("noncharacters", "\ufffe\uffff\U0010ffff", ""),
        ("64 characters of four bytes", "\U0001f600" * 64, "U+1F600 64 times"),
        ("composed", unicodedata.normalize("NFC", "\u00e9"), ""),
        ("decomposed", unicodedata.normalize("NFD", "\u00e9"), ""),
        ("the Kelvin sign", "\u212a", ""),
        ("`__proto__`", "__proto__", "`__proto__`"),
        ("`null`", "null", "`null`"),
        ("`NaN`", "NaN", "`NaN`"),
        ("a number", "1e400", "`1e400`"),
        ("a space", " ", ""),
        ("quotes and backslashes", '"\\/\\u0000\\', ""),
        ("markup", "</script><!--", "`</script><!--`"),
        ("placeholder of the rows in the encoder", "<positions of the long queue>", "`<positions of …>`"),
        ("placeholder of the fills in the encoder", "<fills of venue>", "`<fills of venue>`"),
    )
)
