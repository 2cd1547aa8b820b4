"""docs/positions.md agrees with the program."""

from typing import Any, get_args

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import open_account
from adlrisk.positions.report import as_table
from adlrisk.positions.requests.venue_calls import AccountError
from adlrisk.positions.scoring import Basis, score_all
from adlrisk.settings import VENUE_CREDENTIALS, SettingsError, variable_of
from support.positions.fake_account import (
    BINANCE,
    KEY,
    OKX,
    PASSPHRASE,
    SECRET,
    Accepts,
    FakeAccount,
    binance_accepts,
    build_okx_hedge,
    okx_accepts,
)
from support.positions.pointed import pointed_at
from support.running import ROOT, WEDNESDAY

PAGE = (ROOT / "docs" / "positions.md").read_text()
ROWS = {
    cells[0].strip(" `"): [cell.strip() for cell in cells[1:]]
    for cells in (line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `"))
}
READ = sorted(venue for venue in ROWS if venue in catalogue())
UNREADABLE = {
    name.strip(" `"): line.removeprefix("- ").partition(":")[0]
    for line in PAGE[PAGE.index("Not possible:") : PAGE.index("No venue was tested")].replace("\n  ", " ").splitlines()
    if line.startswith("- ")
    for name in line.partition(":")[2].split(",")
}
OF_SEVERAL = {"bitmex_family", "orderly"}
NAMES = sorted(
    {*catalogue(), *(name for card in OF_SEVERAL for name in catalogue()[card].rules.ccxt)} - {"generic", *OF_SEVERAL}
)


@pytest.mark.parametrize(
    ("venue", "answers", "accepts"),
    [("binance", BINANCE, binance_accepts), ("okx", {**OKX, **build_okx_hedge()}, okx_accepts)],
)
def test_tables_on_the_page_are_the_output_of_the_program(
    venue: str, answers: dict[str, Any], accepts: Accepts
) -> None:
    """Each table is the exact output for the made-up account on a Wednesday."""
    environ = {"ADLRISK_VENUE_KEY": KEY, "ADLRISK_VENUE_SECRET": SECRET, "ADLRISK_VENUE_PASSWORD": PASSPHRASE}
    with FakeAccount(answers, accepts) as fake, pointed_at(fake.url):
        account = open_account(catalogue()[venue].rules, environ=environ)
        held = account.fetch_open_positions()
        accounts = account.find_cross_accounts(held)
        account.close()
    table = as_table(score_all(held, accounts, venue=venue, venues=catalogue(), now=WEDNESDAY))
    assert f"```text\n{table}```" in PAGE


def test_page_names_every_variable() -> None:
    """The page names exactly the variables that hold credentials."""
    documented = {name for name in ROWS if name.startswith("ADLRISK_")}
    assert documented == {variable_of(name) for name in VENUE_CREDENTIALS}


@pytest.mark.parametrize("venue", NAMES)
def test_page_names_credentials_of_each_venue(venue: str) -> None:
    """Each venue is in the table with its credentials, or among those that cannot be read, with the reason."""
    if venue in ROWS:
        with pytest.raises(SettingsError) as missing:
            open_account(catalogue()[venue].rules, environ={}, named=venue)
        asked = [name for name in VENUE_CREDENTIALS if f"{variable_of(name)} " in str(missing.value).replace(",", " ")]
        assert ROWS[venue][0] == ", ".join(name.removeprefix("venue_") for name in asked)
    else:
        with pytest.raises(AccountError) as refused:
            open_account(catalogue()[venue].rules, environ={}, named=venue)
        assert " ".join(UNREADABLE[venue].split()[:4]) in str(refused.value)


@pytest.mark.parametrize("venue", READ)
def test_page_names_the_reading_of_each_card(venue: str) -> None:
    """Each venue in the table has the meter's field, or a note that there is none."""
    meter = catalogue()[venue].rules.meter
    shown = ROWS[venue][1]
    if meter is None:
        assert shown in ("none published", "none known") or shown.endswith(": not read")
    elif venue == "mexc":
        assert "web socket" in meter.endpoint
        assert shown == "by web socket only: unknown"
    else:
        assert shown.startswith(f"`{meter.field}`")


def test_page_names_the_installed_version_of_ccxt() -> None:
    """Another version may parse other fields: check it, then change the page."""
    assert f"ccxt {ccxt.__version__}" in PAGE


def test_page_names_every_margin_basis() -> None:
    """The page explains each margin basis that the program prints."""
    for margin_basis in get_args(Basis):
        assert f"- `{margin_basis}`:" in PAGE
