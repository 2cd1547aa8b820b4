"""What docs/positions.md says of the program is so."""

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import AccountError, open_account
from adlrisk.positions.report import as_table, score_all
from adlrisk.settings import VENUE_CREDENTIALS, SettingsError, variable_of
from support.positions.fake_account import BINANCE, KEY, SECRET, FakeAccount, binance_lets_in
from support.positions.pointed import pointed_at
from support.running import ROOT, WEDNESDAY

PAGE = (ROOT / "docs" / "positions.md").read_text()
ROWS = {
    cells[0].strip(" `"): [cell.strip() for cell in cells[1:]]
    for cells in (line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `"))
}
READ = sorted(venue for venue in ROWS if venue in catalogue())


def test_the_table_shown_is_the_programs() -> None:
    """To the last character, of the made-up account on a Wednesday."""
    with FakeAccount(BINANCE, binance_lets_in) as venue, pointed_at(venue.url):
        environ = {"ADLRISK_VENUE_KEY": KEY, "ADLRISK_VENUE_SECRET": SECRET}
        account = open_account(catalogue()["binance"].rules, environ=environ)
        held = account.open_positions()
        account.close()
    table = as_table(score_all(held, venue="binance", venues=catalogue(), now=WEDNESDAY))
    assert f"```text\n{table}```" in PAGE


def test_every_variable_is_on_the_page() -> None:
    """And no other."""
    documented = {name for name in ROWS if name.startswith("ADLRISK_")}
    assert documented == {variable_of(name) for name in VENUE_CREDENTIALS}


@pytest.mark.parametrize("venue", sorted(catalogue()))
def test_the_page_says_what_each_venue_asks_for(venue: str) -> None:
    """A venue is in the table with the keys that it asks for, or among those that cannot be read, with the reason."""
    if venue in ROWS:
        with pytest.raises(SettingsError) as missing:
            open_account(catalogue()[venue].rules, environ={})
        asked = [name for name in VENUE_CREDENTIALS if f"{variable_of(name)} " in str(missing.value).replace(",", " ")]
        assert ROWS[venue][0] == ", ".join(name.removeprefix("venue_") for name in asked)
    elif venue != "generic":
        with pytest.raises(AccountError) as refused:
            open_account(catalogue()[venue].rules, environ={})
        listed = PAGE[PAGE.index("Not possible:") :].split("(")[0 if "ccxt knows no" in str(refused.value) else 1]
        assert f"`{venue}`" in listed


@pytest.mark.parametrize("venue", READ)
def test_the_page_names_the_reading_of_each_card(venue: str) -> None:
    """The meter's field, or that there is none."""
    meter = catalogue()[venue].rules.meter
    shown = ROWS[venue][1]
    if meter is None:
        assert shown == "none published"
    elif venue == "mexc":
        assert "web socket" in meter.endpoint
        assert shown == "by web socket only: unknown"
    else:
        assert shown.startswith(f"`{meter.field}`")


def test_the_page_names_the_version_of_ccxt_that_was_read() -> None:
    """A newer one may read other fields: look again, then change the page."""
    assert f"ccxt {ccxt.__version__}" in PAGE


def test_the_page_names_every_basis() -> None:
    """Each that the program prints."""
    for basis in ("isolated", "account", "own-share"):
        assert f"- `{basis}`:" in PAGE
