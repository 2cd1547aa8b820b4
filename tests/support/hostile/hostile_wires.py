"""Hostile paths, methods and heads: the bytes sent on a connection, and the status and problem that answer them."""

import json
from typing import Final

from msgspec import Struct

from support.hostile.failure_cases import WORKED


class Wire(Struct, frozen=True, kw_only=True):
    """Bytes on a connection, and the status and problem that answer them."""

    title: str
    sent: bytes
    status: int
    slug: str | None = None
    shown: str


_BODY: Final = json.dumps(WORKED).encode()
_LENGTH: Final = b"content-length: %d\r\n" % len(_BODY)
_CHUNKED: Final = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_BODY), _BODY)
_STATUS_OF: Final = {"bad-request": 400, "not-found": 404, "unknown-venue": 404, "method-not-allowed": 405}


def _get(title: str, path: str, slug: str | None = None, status: int = 200, shown: str = "") -> Wire:
    """A path."""
    head = b"GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path.encode("latin-1")
    status = _STATUS_OF.get(slug, status) if slug else status
    return Wire(title=title, sent=head, status=status, slug=slug, shown=shown or f"`GET {path}`")


def _post(
    title: str,
    head: bytes,
    shown: str,
    slug: str | None = None,
    status: int = 200,
    *,
    body: bytes = _BODY,
    first: bytes = b"POST /score HTTP/1.1",
) -> Wire:
    """A head before the worked example."""
    start = first + b"\r\nhost: x\r\nconnection: close\r\n"
    if b"content-type" not in head:
        start += b"content-type: application/json\r\n"
    status = _STATUS_OF.get(slug, status) if slug else status
    return Wire(title=title, sent=start + head + b"\r\n" + body, status=status, slug=slug, shown=shown)


def _no_http(title: str, head: bytes, shown: str, body: bytes = _BODY) -> Wire:
    """A request that is not valid HTTP/1.1."""
    return _post(title, head, shown, "bad-request", body=body)


def _method(method: bytes, slug: str | None, status: int = 200) -> Wire:
    shown = f"`{method.decode('latin-1')} /score`"
    return _post(f"method {shown}", _LENGTH, shown, slug, status, first=method + b" /score HTTP/1.1")


WIRES: Final[tuple[Wire, ...]] = (
    _get("slash at the end", "/venues/okx/"),
    _get("slashes doubled", "//venues///okx"),
    _get("target with a host", "http://elsewhere/venues/okx"),
    _get("bad escape in a query", "/venues/okx?a=%ff"),
    _get("fragment", "/venues/okx#/markets"),
    _get("letter escaped", "/%76enues/okx"),
    _get("slash at the end of an operation", "/score/", "method-not-allowed"),
    _get("NUL at the end", "/score%00", "not-found"),
    _get("space at the end", "/score%20", "not-found"),
    _get("capitals", "/SCORE", "not-found"),
    _get("parameters of a segment", "/score;x=1", "not-found"),
    _get("parent directory, escaped", "/%2e%2e/score", "not-found"),
    _get("parent directory", "/docs/../venues", "not-found"),
    _get("parent directory instead of a venue", "/venues/..", "unknown-venue"),
    _get("parent directories of a problem type", "/problems/..%2f..%2fetc%2fpasswd", "not-found"),
    _get("backslash", "/venues\\okx", "not-found"),
    _get("bad escape", "/venues/%zz", "unknown-venue"),
    _get("truncated escape", "/venues/okx%", "unknown-venue"),
    _get("byte that is not UTF-8", "/venues/%ff", "unknown-venue"),
    _get("NUL", "/venues/%00", "unknown-venue"),
    _get("emoji", "/venues/%f0%9f%98%80", "unknown-venue"),
    _get("venue in capitals", "/venues/OKX", "unknown-venue"),
    _get("5,000 letters", "/venues/" + "a" * 5_000, "unknown-venue", shown="`/venues/`, `a` 5,000 times"),
    _get("2,000 segments", "/a" * 2_000, "not-found", shown="`/a` 2,000 times"),
    _get("escaped slash is a slash: incomplete path", "/venues/okx%2fmarkets", "not-found"),
    _get("escaped slash is a slash: a market", "/venues/okx%2fmarkets%2fBTC", "unknown-market", 404),
    _get("byte that is not UTF-8 in a symbol", "/venues/okx/markets/%ff", "invalid-request", 400),
    _get("line break in a symbol", "/venues/okx/markets/BTC%0a", "invalid-request", 400),
    _get("asterisk", "*", "not-found"),
    _get("bytes beyond ASCII", "/venues/\xc3\xa4", "bad-request", shown="`GET /venues/<C3 A4>`"),
    _get("nothing", "", "bad-request", shown="`GET  HTTP/1.1`"),
    _method(b"post", "bad-request"),
    _method(b"Post", "bad-request"),
    _method(b"P\0ST", "bad-request"),
    _method(b"CONNECT", "bad-request"),
    _method(b"PRI", "bad-request"),
    _method(b"TRACE", "method-not-allowed"),
    _method(b"PROPFIND", "method-not-allowed"),
    _method(b"GET", "method-not-allowed"),
    _method(b"OPTIONS", None, 204),
    _post("length with spaces around it", b"content-length:  %d \r\n" % len(_BODY), "`Content-Length:  N `"),
    _no_http("length with a plus", b"content-length: +%d\r\n" % len(_BODY), "`Content-Length: +N`"),
    _no_http("length in hexadecimal", b"content-length: 0x%x\r\n" % len(_BODY), "`Content-Length: 0xN`"),
    _no_http("length with an exponent", b"content-length: 1e2\r\n", "`Content-Length: 1e2`"),
    _no_http("empty length", b"content-length: \r\n", "`Content-Length:`"),
    _no_http("list of lengths", b"content-length: %d, %d\r\n" % (len(_BODY), len(_BODY)), "`Content-Length: N, N`"),
    _no_http("length twice", _LENGTH * 2, "`Content-Length: N` twice"),
    _no_http(
        "length beyond 64 bits", b"content-length: 99999999999999999999\r\n", "`Content-Length: 99999999999999999999`"
    ),
    _no_http(
        "chunks and a length",
        b"transfer-encoding: chunked\r\n" + _LENGTH,
        "`Transfer-Encoding: chunked`, `Content-Length: N`",
        _CHUNKED,
    ),
    _no_http(
        "a length and chunks",
        _LENGTH + b"transfer-encoding: chunked\r\n",
        "`Content-Length: N`, `Transfer-Encoding: chunked`",
        _CHUNKED,
    ),
    _no_http("unknown transfer coding", b"transfer-encoding: xchunked\r\n", "`Transfer-Encoding: xchunked`", _CHUNKED),
    _no_http(
        "chunked, but not last",
        b"transfer-encoding: chunked, identity\r\n",
        "`Transfer-Encoding: chunked, identity`",
        _CHUNKED,
    ),
    _no_http(
        "chunked after a vertical tab",
        b"transfer-encoding: \x0bchunked\r\n",
        "`Transfer-Encoding: <0B>chunked`",
        _CHUNKED,
    ),
    _no_http("space before the colon", b"transfer-encoding : chunked\r\n", "`Transfer-Encoding : chunked`", _CHUNKED),
    _no_http(
        "folded transfer coding",
        b"transfer-encoding:\r\n chunked\r\n",
        "`Transfer-Encoding:`, next line ` chunked`",
        _CHUNKED,
    ),
    _post("chunks", b"Transfer-Encoding: CHUNKED\r\n", "`Transfer-Encoding: CHUNKED`", body=_CHUNKED),
    _post(
        "chunk extensions",
        b"transfer-encoding: chunked\r\n",
        '`N;a=b;c="d"`',
        body=_CHUNKED.replace(b"\r\n", b';a=b;c="d"\r\n', 1),
    ),
    _post(
        "length of a chunk with leading zeros", b"transfer-encoding: chunked\r\n", "`0000N`", body=b"0000" + _CHUNKED
    ),
    _post(
        "trailer",
        b"transfer-encoding: chunked\r\n",
        "`X-Trailer: 1` after the last chunk",
        body=_CHUNKED[:-2] + b"x-trailer: 1\r\n\r\n",
    ),
    _no_http(
        "length in the trailer",
        b"transfer-encoding: chunked\r\n",
        "`Content-Length: 5` after the last chunk",
        _CHUNKED[:-2] + b"content-length: 5\r\n\r\n",
    ),
    _no_http(
        "chunks without carriage returns",
        b"transfer-encoding: chunked\r\n",
        "`N<0A>…`",
        _CHUNKED.replace(b"\r\n", b"\n"),
    ),
    _no_http("negative chunk", b"transfer-encoding: chunked\r\n", "`-1`", b"-1" + _CHUNKED),
    _no_http("chunk with 0x", b"transfer-encoding: chunked\r\n", "`0xN`", b"0x" + _CHUNKED),
    _no_http(
        "chunk beyond 64 bits", b"transfer-encoding: chunked\r\n", "`fffffffffffffffff`", b"fffffffffffffffff\r\n"
    ),
    _no_http(
        "space after the length of a chunk",
        b"transfer-encoding: chunked\r\n",
        "`N `",
        _CHUNKED.replace(b"\r\n", b" \r\n", 1),
    ),
    _no_http(
        "chunk longer than announced",
        b"transfer-encoding: chunked\r\n",
        "`5`, then more",
        b"5\r\n" + _BODY + b"\r\n0\r\n\r\n",
    ),
    _no_http(
        "chunks of one byte, thousands",
        b"transfer-encoding: chunked\r\n",
        "`1`, a byte, 2,000 times",
        b"1\r\n \r\n" * 2000 + b"0\r\n\r\n",
    ),
    _post(
        "chunks of one byte, hundreds",
        b"transfer-encoding: chunked\r\n",
        "`1`, a byte, for a short body",
        body=b"".join(b"1\r\n%c\r\n" % byte for byte in _BODY) + b"0\r\n\r\n",
    ),
    _no_http("folded header", b"x-a: 1\r\n 2\r\n" + _LENGTH, "`X-A: 1`, next line ` 2`"),
    _no_http("NUL in a header", b"x-a: \0\r\n" + _LENGTH, "`X-A: <00>`"),
    _no_http("control character in a header", b"x-a: \x01\r\n" + _LENGTH, "`X-A: <01>`"),
    _no_http("carriage return in a header", b"x-a: 1\r2\r\n" + _LENGTH, "`X-A: 1<0D>2`"),
    _no_http("lines without carriage returns", b"x-a: 1\n" + _LENGTH, "`X-A: 1<0A>`"),
    _no_http("header without a colon", b"nonsense\r\n" + _LENGTH, "`nonsense`"),
    _no_http("header without a name", b": x\r\n" + _LENGTH, "`: x`"),
    _no_http("header name beyond ASCII", b"x\xff: 1\r\n" + _LENGTH, "`X<FF>: 1`"),
    _post("header beyond ASCII", b"x-a: \xff\xfe\r\n" + _LENGTH, "`X-A: <FF FE>`"),
    _post("key beyond ASCII", b"authorization: Bearer \xff\r\n" + _LENGTH, "`Authorization: Bearer <FF>`"),
    _post("trace beyond ASCII", b"traceparent: \xff\r\n" + _LENGTH, "`traceparent: <FF>`"),
    _post("Accept beyond ASCII", b"accept: \xff\r\n" + _LENGTH, "`Accept: <FF>`", "not-acceptable", 406),
    _post(
        "two media types",
        b"content-type: application/json\r\ncontent-type: text/plain\r\n" + _LENGTH,
        "`Content-Type` twice, not alike",
        "unsupported-media-type",
        415,
    ),
    _post(
        "two supported media types",
        b"content-type: application/msgpack\r\ncontent-type: application/json\r\n" + _LENGTH,
        "`Content-Type` MessagePack and JSON",
        "unsupported-media-type",
        415,
    ),
    _post("one media type twice", b"content-type: application/json\r\n" * 2 + _LENGTH, "`Content-Type` twice, alike"),
    _post(
        "two content codings",
        b"content-encoding: identity\r\ncontent-encoding: gzip\r\n" + _LENGTH,
        "`Content-Encoding: identity` and `gzip`",
        "unsupported-media-type",
        415,
    ),
    _post("unknown expectation", b"expect: tea\r\n" + _LENGTH, "`Expect: tea`"),
    Wire(
        title="HTTP/2 without an upgrade",
        sent=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        status=400,
        slug="bad-request",
        shown="HTTP/2 preface",
    ),
    Wire(
        title="TLS where there is none",
        sent=b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 500,
        status=400,
        slug="bad-request",
        shown="TLS client hello",
    ),
    Wire(
        title="no host",
        sent=b"GET /venues HTTP/1.1\r\nconnection: close\r\n\r\n",
        status=400,
        slug="bad-request",
        shown="no `Host`",
    ),
    Wire(
        title="two hosts",
        sent=b"GET /venues HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
        status=400,
        slug="bad-request",
        shown="`Host` twice",
    ),
    Wire(
        title="no host in HTTP/1.0",
        sent=b"GET /venues HTTP/1.0\r\n\r\n",
        status=200,
        shown="`GET /venues HTTP/1.0`",
    ),
    Wire(
        title="tunnel",
        sent=b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n",
        status=400,
        slug="bad-request",
        shown="`CONNECT x:443`",
    ),
)
