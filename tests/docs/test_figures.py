"""The figures of the docs: generated from the examples, and legible anywhere."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

from figures.chain import style
from support.running import ROOT, load_script

FIGURES = sorted((ROOT / "docs").glob("*.svg"))
PAGES = [page.read_text() for page in (ROOT / "docs").glob("*.md")]


def test_the_figures_are_current() -> None:
    """`make generated` would draw the same figures."""
    drawn = load_script(ROOT / "docs" / "draw.py").figures()
    assert {path.name for path in FIGURES} == set(drawn)
    for name, text in drawn.items():
        assert (ROOT / "docs" / name).read_text() == text, f"{name}: run make generated"


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.name)
def test_each_figure_is_shown_once(path: Path) -> None:
    """One page has it, with a description in words."""
    (description,) = [words for page in PAGES for words in re.findall(rf"!\[([^\]]*)\]\({path.name}\)", page)]
    assert len(description) > 20


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.name)
def test_each_figure_is_legible_on_any_background(path: Path) -> None:
    """It brings its own white background over its whole size, and its texts lie within."""
    picture = path.read_text()
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture)[0]
    background = re.findall(r'<g id="patch_1">\s*<path d="([^"]*)" style="fill: (#\w+)"', picture)[0]
    assert background[1] == "#ffffff"
    assert set(re.findall(r"[\d.]+", background[0])) == {"0", width, height}
    at = re.findall(r'<text[^>]*?(?:x="([\d.]+)" y="([\d.]+)"|translate\(([\d.]+) ([\d.]+)\))', picture)
    assert len(at) >= 15
    for x, y, shifted_x, shifted_y in at:
        assert 0 < float(x or shifted_x) < float(width)
        assert 0 < float(y or shifted_y) < float(height)


def test_the_colours_of_the_chain_differ_in_grey() -> None:
    """Any two of them are a tenth of the way from black to white apart."""
    greys = [
        sum(weight * part for weight, part in zip((0.299, 0.587, 0.114), to_rgb(color), strict=True))
        for color in (style.LONG, style.SHORT, style.LOSS, style.REST)
    ]
    assert min(abs(one - other) for one, other in combinations(greys, 2)) > 0.1
