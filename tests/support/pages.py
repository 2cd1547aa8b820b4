"""Pages as a test reads them: elements by id and class, text, and the numbers that they carry."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

# What Chromium sends for a page.
BROWSER: Final = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
WORKED: Final = {
    "venue": "binance",
    "symbol": "ETHUSDT",
    "side": "short",
    "size": "10",
    "entry_price": "2000",
    "mark_price": "1800",
    "margin_mode": "isolated",
    "margin": "1000",
    "maintenance_margin_rate": "0.01",
    "adl_meter": "3",
    "funding_rate": "0.0012",
    "liquidation_spike": "true",
    "as_of": "2026-11-18T12:00:00Z",
}
_INLINE: Final = frozenset({"a", "b", "code", "data", "em", "i", "span", "strong", "time"})
_VOID: Final = frozenset({"input", "meta", "link", "br", "img", "hr"})


class Element:
    """An element with its attributes and what is in it."""

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element | str] = []

    def walk(self) -> Iterator["Element"]:
        """It, and all elements in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def text(self) -> str:
        """Its text, with single spaces."""
        return " ".join(self._join().split())

    def _join(self) -> str:
        inner = "".join(child if isinstance(child, str) else child._join() for child in self.children)  # noqa: SLF001
        return inner if self.name in _INLINE else f" {inner} "

    def find(self, id_: str) -> "Element":
        """The one element with that id."""
        (found,) = [each for each in self.walk() if each.attributes.get("id") == id_]
        return found

    def has(self, id_: str) -> bool:
        """Whether there is an element with that id."""
        return any(each.attributes.get("id") == id_ for each in self.walk())

    def all(self, name: str, /, css: str = "", **attributes: str) -> list["Element"]:
        """The elements of that name, or with that class, and with these attributes (`data_label` is `data-label`)."""
        wanted = {key.replace("_", "-"): value for key, value in attributes.items()}
        return [
            each
            for each in self.walk()
            if (not name or each.name == name)
            and (not css or css in each.attributes.get("class", "").split())
            and wanted.items() <= each.attributes.items()
        ]

    def one(self, name: str, /, css: str = "", **attributes: str) -> "Element":
        """The only such element."""
        (found,) = self.all(name, css, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].name == tag, f"</{tag}> closes {self._open[-1].name}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_page(content: str) -> Element:
    """The page; every element that is opened is closed in its turn."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    assert [element.name for element in reader._open] == [""]  # noqa: SLF001 (its own)
    return reader.root


def carried_numbers(element: Element) -> list[float]:
    """The exact numbers that are shown in it."""
    return [float(each.attributes["value"]) for each in element.all("data")]


def numbers_in(answer: Any) -> set[float]:
    """All numbers in an answer of the API."""
    if isinstance(answer, bool):
        return set()
    if isinstance(answer, int | float):
        return {float(answer)}
    parts = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    return set().union(*(numbers_in(part) for part in parts))
