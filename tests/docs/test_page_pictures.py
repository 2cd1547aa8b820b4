"""The two pictures of the page that the README begins with."""

import re
import struct

from support.running import ROOT

README = (ROOT / "README.md").read_text()
PICTURES = re.findall(r'<img src="(docs/figures/page-[\w-]+\.png)" width="\d+%" alt="([^"]+)">', README)
# Width and scheme of each, as its name says.
WIDTHS = {"docs/figures/page-desk-light.png": 1280, "docs/figures/page-telephone-dark.png": 360}


def test_readme_shows_the_page_before_any_command_of_the_api() -> None:
    """Both pictures are shown, in words too, before the first curl, and no other is kept."""
    assert {path for path, _ in PICTURES} == set(WIDTHS)
    assert README.index(PICTURES[0][0]) < README.index("curl")
    assert "8 of 10" in PICTURES[0][1]
    kept = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.png")}
    assert kept == set(WIDTHS)


def test_pictures_are_small() -> None:
    """Together they are 150 kB at most, and as wide as a desk and a telephone."""
    contents = {path: (ROOT / path).read_bytes() for path in WIDTHS}
    assert sum(map(len, contents.values())) <= 150_000
    for path, content in contents.items():
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">I", content[16:20])[0] == WIDTHS[path]
