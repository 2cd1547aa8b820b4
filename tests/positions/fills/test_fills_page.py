"""The page on positions says of each venue whether its fills are read, and how."""

from adlrisk.positions.fills.every import FILL_LISTS
from adlrisk.positions.readers.every import READERS
from support.running import ROOT

PAGE = (ROOT / "docs" / "positions.md").read_text()
SECTION = PAGE.partition("## Forced fills\n")[2].partition("\n## ")[0]


def test_page_has_every_venue_whose_fills_are_read() -> None:
    """In the table, and no other."""
    rows = [line.split("`")[1] for line in SECTION.splitlines() if line.startswith("| `")]
    assert rows == sorted(FILL_LISTS)


def test_page_names_every_venue_whose_fills_are_not_read() -> None:
    """So that nobody takes silence for an account without ADLs."""
    expected = READERS.keys() - FILL_LISTS.keys() - {"bitmex"}  # whose accounts ccxt does not read
    told = SECTION.partition("Not read, which is said once:")[2].partition("KuCoin")[0]
    assert {told.split("`")[index] for index in range(1, told.count("`"), 2)} == expected
