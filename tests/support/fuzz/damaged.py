"""Damaged requests: valid ones with values or bytes changed."""

import copy
from collections.abc import Iterator
from typing import Any, Final

import hypothesis.strategies as st

# Values that are valid anywhere in both JSON and MessagePack.
JUNK: Final[st.SearchStrategy[Any]] = st.sampled_from(
    (
        None, True, False, 0, -0.0, -1, 1, 0.5, 1e308, -1e308, 5e-324, 1e16, 1e-13, 2**63, 2**64 - 1, -(2**63), "",
        "\0", "NaN", "1", "long", "inverse", "okx", "kraken", "\U0001f600" * 65, "x" * 300, [], {}, [[]], [None],
        {"": 0}, {"size": 1}, [{}],
    )
).map(copy.deepcopy)  # fmt: skip
_EDITS: Final = ("replace", "delete", "add", "repeat", "wrap", "rename")
_NAMES: Final = st.sampled_from(("", "size", "__proto__", "a/b~c", "\0", "id", "venue", "\u202e", "x" * 100))
_TOKENS: Final = st.sampled_from(
    (
        b"", b"0", b"-", b"e", b"E9", b".", b'"', b"\\", b"\\u", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":",
        b"null", b"true", b"NaN", b"1e400", b"1e-400", b"0" * 30, b"\0", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80",
        b"\xef\xbb\xbf", b"\xc1", b"\xca\x7f\xc0\0\0", b"\xcb\x7f\xf0\0\0\0\0\0\0", b"\xcf" + b"\xff" * 8,
        b"\xd6\xff\0\0\0\0", b"\xdb\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff", b"[" * 2000, b'{"a":' * 2000, b"\x91" * 2000, b"\xa4size\x01",
    )
)  # fmt: skip


@st.composite
def with_damaged_values(draw: st.DrawFn, requests: st.SearchStrategy[Any]) -> Any:
    """A request with one to three of its values changed, removed, repeated, wrapped or renamed."""
    root = {"": copy.deepcopy(draw(requests))}
    for _ in range(draw(st.integers(1, 3))):
        container, place = draw(st.sampled_from(list(_find_places(root, in_root=True))))
        _edit(draw, draw(st.sampled_from(_EDITS)), container, place)
    return root[""]


@st.composite
def with_damaged_bytes(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> bytes:
    """A body with one to four stretches removed, repeated, overwritten or inserted."""
    body = draw(bodies)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.sampled_from((0, 0, 1, 1, 2, 4, 8, 64))))
        filled = draw(_TOKENS | st.binary(max_size=4) | st.just(body[start:end] * 2))
        body = body[:start] + filled + body[end:]
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 9)) == 0 else body


def _find_places(tree: Any, *, in_root: bool = False) -> Iterator[tuple[Any, Any]]:
    """Every container of a tree with each of its keys or indices."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from _find_places(tree[key])
    if in_root and not tree:
        raise LookupError("a request is never empty")


def _edit(draw: st.DrawFn, edit: str, container: Any, place: Any) -> None:
    at_root = isinstance(container, dict) and list(container) == [""]
    if edit == "wrap":
        container[place] = [container[place]]
    elif edit == "repeat" and isinstance(container, list):
        container.insert(place, copy.deepcopy(container[place]))
    elif edit == "delete" and not at_root:
        del container[place]
    elif edit == "add" and isinstance(container[place], dict):
        container[place][draw(_NAMES)] = draw(JUNK)
    elif edit == "rename" and isinstance(container, dict) and not at_root:
        container[draw(_NAMES)] = container.pop(place)
    else:
        container[place] = draw(JUNK)
