"""Reading pictures and sections of the page as a reader and a browser would."""

import math
import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from htpy import Element

SMALLEST, LARGEST = 5e-324, 1e300
HOSTILE: Sequence[Sequence[float]] = (
    (1e300, 5e-324),
    (1e300, -1e300, 0.0),
    (1.7e308, -1.7e308),
    (7.0, 7.0, 7.0),
    (0.0, 0.0),
    (5e-324, 1e-323),
    (-5.0, 10.0, 10.000000000000002),
    (0.00001234, 1e9),
)

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_GEOMETRY = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "points", "viewBox")


def parse(element: Element) -> ET.Element:
    return ET.fromstring(str(element))  # noqa: S314 (of our own)


def all_of(root: ET.Element, css: str, tag: str = "*") -> list[ET.Element]:
    """The elements that have a class, in the order of the document."""
    return [one for one in root.iter() if css in one.get("class", "").split() and tag in ("*", one.tag)]


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


def read_points(line: ET.Element) -> list[tuple[float, float]]:
    pairs = line.get("points", "").split()
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]


def read_place(value: str | None) -> float:
    """A place in pixels, or in hundredths of the width."""
    return float((value or "").rstrip("%"))


def read_rows(root: ET.Element, caption: str) -> dict[str, list[str]]:
    """The rows of the table with a caption: exact numbers where a cell carries them, else its text."""
    (table,) = [one for one in root.iter("table") if caption in (one.findtext("caption") or "")]
    rows = [[_read_cell(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iterfind("tbody/tr")]
    return {row[0]: row[1:] for row in rows}


def _read_cell(cell: ET.Element) -> str:
    data = cell.find("data")
    return text_of(cell) if data is None or cell.tag == "th" else data.get("value", "")


def check_picture(root: ET.Element) -> None:
    """What holds for every picture: it says what it shows, has finite numbers only, and no colours of its own."""
    pictures = [one for one in root.iter("svg") if one.get("role") == "img"]
    assert pictures
    for picture in pictures:
        title, description = picture.find("title"), picture.find("desc")
        assert title is not None
        assert description is not None
        assert title.text
        assert description.text
        assert picture.get("aria-labelledby") == title.get("id")
        assert picture.get("aria-describedby") == description.get("id")
        for element in picture.iter():
            assert not {"style", "stroke", "color", "font-size"} & set(element.attrib)
            assert element.get("fill", "url(#").startswith("url(#")
            for place in _list_geometry(element):
                assert _NUMBER.fullmatch(place.rstrip("%")), (element.tag, place)
                assert math.isfinite(float(place.rstrip("%")))


def check_within(picture: ET.Element) -> None:
    """All of a picture is inside it, from top to bottom and, where it is given in percentages, from left to right."""
    height = float(picture.get("height", ""))
    outer = [one for one in picture.iter() if one.tag != "pattern"]
    for element in outer:
        for name in ("y", "y1", "y2", "cy"):
            if name in element.attrib:
                assert 0.0 <= float(element.get(name, "")) <= height, (element.tag, name)
        for name in ("x", "x1", "x2", "cx"):
            place = element.get(name, "0")
            if place.endswith("%"):
                assert 0.0 <= read_place(place) <= 100.0, (element.tag, place)
    for stretched in [one for one in picture.iter("svg") if one is not picture]:
        _, _, width, depth = map(float, stretched.get("viewBox", "").split())
        for line in stretched.iter():
            for x, y in read_points(line):
                assert 0.0 <= x <= width
                assert 0.0 <= y <= depth


def _list_geometry(element: ET.Element) -> Iterator[str]:
    for name in _GEOMETRY:
        yield from re.split(r"[ ,]+", element.get(name, "").strip()) if element.get(name) else ()
