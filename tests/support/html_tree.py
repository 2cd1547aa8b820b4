"""The HTML of a page as a tree, to look for elements and what they say."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final, Self

_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Node:
    """An element, with its attributes and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    @property
    def text(self) -> str:
        """What it says, words apart by one space."""
        return " ".join("".join(self.texts()).split())

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return (self.attributes.get("class") or "").split()

    def get(self, name: str) -> str:
        """The value of an attribute, which it must have."""
        value = self.attributes[name]
        assert value is not None
        return value

    def all(self, tag: str = "", *, css: str = "", **attributes: str) -> list["Node"]:
        """All elements below it with that tag, class and attributes (`for_` is `for`, `data_label` `data-label`)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            node
            for node in self.walk()
            if (not tag or node.tag == tag)
            and (not css or css in node.classes)
            and all(node.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "", *, css: str = "", **attributes: str) -> "Node":
        """The only such element."""
        found = self.all(tag, css=css, **attributes)
        assert len(found) == 1, (tag, css, attributes, len(found))
        return found[0]

    def walk(self) -> Iterator["Node"]:
        """All elements below it, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def texts(self) -> Iterator[str]:
        """All texts in it; what is no part of a line ends with a space."""
        for child in self.children:
            yield from [child] if isinstance(child, str) else child.texts()
        if self.tag not in ("a", "b", "code", "span", "data", "time", "i"):
            yield " "


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> where <{self.open[-1].tag}> is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    @classmethod
    def parse(cls, text: str) -> Self:
        parser = cls()
        parser.feed(text)
        parser.close()
        return parser


def read_html(text: str) -> Node:
    """The tree of a page or a part of it; every element must be closed in its place."""
    parser = _Parser.parse(text)
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is never closed"
    return parser.open[0]
