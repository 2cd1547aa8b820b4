"""docs/positions.md agrees with the program."""

import re
from typing import Any, get_args

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
from support.positions.reading import THROUGH_CCXT
from support.running import ROOT, WEDNESDAY

PAGE = (ROOT / "docs" / "positions.md").read_text()
NAMED = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
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
        reading = account.read()
        account.close()
    table = as_table(score_all(reading.positions, reading.accounts, venue=venue, venues=catalogue(), now=WEDNESDAY))
    assert f"```text\n{table}```" in PAGE


def test_page_names_every_variable() -> None:
    """The page names exactly the variables that hold credentials."""
    documented = {name for name in NAMED if name.startswith("ADLRISK_")}
    assert documented == {variable_of(name) for name in VENUE_CREDENTIALS}


@pytest.mark.parametrize("venue", NAMES)
def test_page_names_each_venue(venue: str) -> None:
    """Each venue is in the tables, or among those that cannot be read, with the program's reason."""
    if venue in UNREADABLE:
        with pytest.raises(AccountError) as refused:
            open_account(catalogue()[venue].rules, environ={}, named=venue)
        assert " ".join(UNREADABLE[venue].split()[:4]) in str(refused.value)
        assert venue not in NAMED
    else:
        assert venue in NAMED
        with pytest.raises(SettingsError):
            open_account(catalogue()[venue].rules, environ={}, named=venue)


def test_tables_name_each_mode_that_was_tested() -> None:
    """Each sample is a row that links to it, and says what is read and what is unknown."""
    rows = [line for line in PAGE.splitlines() if "support/positions/samples/" in line]
    assert [re.findall(r"`(.*?)` \| \[(.*?)\]\(", row)[0] for row in rows] == [
        (sample.venue, sample.mode) for sample in sorted(THROUGH_CCXT, key=lambda sample: sample.venue)
    ]
    (row_two,) = (row for row in rows if "single asset, cross and isolated margin, one-way, USDT" in row)
    assert "equity, wallet balance" in row_two


def test_page_names_every_margin_basis() -> None:
    """The page explains each margin basis that the program prints."""
    for margin_basis in get_args(Basis):
        assert f"- `{margin_basis}`:" in PAGE
