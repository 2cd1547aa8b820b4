"""The page on forced fills: its example, its code and its tables against service, ccxt and cards."""

import json
import re
from typing import Any, get_args

import ccxt
import pytest

from adlrisk.domain.rules import classification
from adlrisk.domain.rules.classification import ClassifiedFill, ClassifiedKind
from adlrisk.venues.catalogue import load_catalogue
from support.curl import commands_in, send_as_curl
from support.running import ROOT, RunningServer

PAGE = (ROOT / "docs" / "fills.md").read_text()
CARDS = {id_: venue.rules for id_, venue in load_catalogue().items() if id_ != "generic"}
each_card = pytest.mark.parametrize("id_", CARDS)


def rows_of(part: str) -> list[list[str]]:
    """The cells of the tables of a part of the page."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line.startswith("| ")
    ]


def shown(cell: str) -> str:
    """The text of a cell without escapes."""
    return re.sub(r"\\([^\w\s])", r"\1", cell)


def rows_of_venue(heading: str, id_: str) -> list[list[str]]:
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [row for row in rows_of(part) if f"(venues/{id_}.md)" in row[0]]


def test_the_result_of_the_page_is_the_real_one(server: RunningServer) -> None:
    """The command is answered with five results, the second of which is shown."""
    (command,) = commands_in(PAGE)
    results = send_as_curl(command, server).json()["results"]
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(results) == 5
    assert list(results[1].items()) == list(json.loads(block).items())
    assert list(results[1]) == list(ClassifiedFill.__struct_fields__)


def test_the_page_explains_every_kind_and_every_reason() -> None:
    """Each kind has a row, and so has each note that an unknown fill can have."""
    rows = rows_of(PAGE.partition("## Asking")[2].partition("## From ccxt")[0])
    kinds = [row[0].strip("`") for row in rows if re.fullmatch(r"`\w+`", row[0])]
    assert set(kinds) == set(get_args(ClassifiedKind))
    assert len(kinds) == len(set(kinds))
    notes = {
        each.note
        for each in vars(classification).values()
        if isinstance(each, ClassifiedFill) and each.note is not None
    }
    assert len(notes) == 4
    assert notes < {row[0] for row in rows}


class Recorded(ccxt.bybit):  # type: ignore[misc]  # ccxt has no types
    """Bybit with executions from memory, parsed by ccxt."""

    def fetch_my_trades(self, symbol: str, since: int) -> list[Any]:
        common = {"symbol": "ETHUSDT", "side": "Buy", "category": "linear", "isMaker": False, "feeRate": "0"}
        executions = (
            {"execQty": "1.5", "execPrice": "1800.5", "execType": "Trade", "createType": "CreateByUser"},
            {"execQty": "0.5", "execPrice": "1780", "execType": "AdlTrade"},
            {"execQty": "1", "execPrice": "1801", "execType": "SomethingNew"},
        )
        assert symbol == "ETH/USDT:USDT"
        times = range(since, since + 3_000, 1_000)
        return [
            self.parse_trade({**common, **each, "execTime": str(time)})
            for each, time in zip(executions, times, strict=True)
        ][: 0 if since == 0 else 3]


def test_the_python_of_the_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """Ccxt's own trades are told apart, and a fill that was no own order stops the bot."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (output,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 (the page's own code)
    exchange = Recorded({"id": "bybit"})
    assert names["review_fills"](exchange, "ETH/USDT:USDT", 1795003200000) is False
    assert capsys.readouterr().out == output
    assert names["review_fills"](exchange, "ETH/USDT:USDT", 0) is True


@each_card
def test_the_table_of_marks_has_every_rule(id_: str) -> None:
    """Kind, side, field, values and certainty of each rule stand in one row of its venue, and no row is of another."""
    rows = rows_of_venue("The marks", id_)
    rules = CARDS[id_].fills.rules
    kinds = {(rule.kind, rule.side_of, rule.confidence) for rule in rules}
    assert {(row[1].strip("`"), None if row[2] == "–" else row[2].strip("`"), row[4]) for row in rows} == kinds
    assert len(rows) == len(kinds)
    for rule in rules:
        values = [rule.equals] if rule.equals is not None else rule.one_of or [rule.starts_with]
        side = f"`{rule.side_of}`" if rule.side_of else "–"
        (marks,) = [row[3] for row in rows if (row[1], row[2], row[4]) == (f"`{rule.kind}`", side, rule.confidence)]
        for text in (rule.field, *values):
            assert f"`{text}`" in marks, rule


@each_card
def test_the_page_says_what_a_venue_cannot_tell(id_: str) -> None:
    """Each venue has a row with its card's note, and names a missing ADL, a missing own trade and missing sides."""
    fills = CARDS[id_].fills
    ((_, what, gaps),) = rows_of_venue("What to send, and which venues cannot tell", id_)
    assert shown(what).rstrip(".") == (fills.note or "–").rstrip(".")
    kinds = {rule.kind for rule in fills.rules}
    sides = {rule.side_of for rule in fills.rules if rule.kind == "adl"}
    assert ("anything" in gaps) == (not kinds)
    assert ("an own trade" in gaps) == (bool(kinds) and "own" not in kinds)
    assert ("an ADL" in gaps.replace("leg of an ADL", "")) == (bool(kinds) and "adl" not in kinds)
    assert ("whose leg of an ADL" in gaps) == (sides == {None})


def test_bitmex_cannot_tell_an_adl_from_a_liquidation() -> None:
    """That it marks both alike is said at its place."""
    assert "an ADL from a liquidation: BitMEX marks an ADL in the same way" in PAGE
