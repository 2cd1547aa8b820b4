"""The page on reading an answer: its words against the answer's fields, its table against the laws it shows."""

import re
import tomllib
from fractions import Fraction
from typing import Any, get_args

import pytest

from adlrisk import catalogue
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.standing import Place
from support.curl import commands_in, send_as_curl
from support.jq import apply_filter, filter_of
from support.running import ROOT, RunningServer, example

TEXT = (ROOT / "docs" / "reading.md").read_text()
README = (ROOT / "README.md").read_text()
LISTED = tomllib.loads((ROOT / "docs" / "reading_page" / "positions.toml").read_text())["position"]
REQUESTS = {one["name"]: one["request"] for one in LISTED if "request" in one}
HEADER, _, *CELLS = [
    [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ")
]
ROWS = {cells[0]: dict(zip(HEADER, cells, strict=True)) for cells in CELLS}

# By the contract of `standing` and `nearer_danger`, worked out by hand: reading and scale, prices, mechanism.
EXPECTED: dict[str, tuple[Place, Danger]] = {
    "losing 50× long, 0.1 % from liquidation": ("back", "liquidation"),  # 1 of 4 is the second to last fifth
    "losing 40× long": ("not_in_queue", "liquidation"),  # a loser where winners only are ranked; 0.27 % away
    "bankrupt long": ("not_in_queue", "liquidation"),  # 2,000 − 2,100 of equity
    "winner on the crowded side, no ADL at the venue": ("no_adl_at_venue", "none"),
    "flat long on the crowded side": ("back", "adl"),  # place 0.3, two signals
    "the short of the README": ("front", "adl"),  # 3 of 4
    "winner at the first level, quiet market": ("front", "adl"),  # 5 of 5, two signals
    "holder at 3×": ("back", "none"),  # the fourth of five levels, no signal
    "hedger's short": ("middle", "none"),  # 3 of 5, one signal
    "inverse long in profit": ("front", "adl"),  # 0.9, two signals
    "winner where 1 is the first level, not the last": ("front", "adl"),
    "winner where chance decides": ("unknown", "adl"),
    "winner in a queue whose order is not known": ("unknown", "none"),  # one signal
    "short of a contract that is delisted in 6 hours": ("front", "adl"),  # 4 of 5, two signals
    "nothing known but prices": ("back", "unknown"),  # no profit, and the generic formula ranks losers last
    "long leg of a cross hedge": ("back", "none"),  # 2 of 5, one signal
    "winner at a venue whose insurance fund has fallen by 20 %": ("unknown", "adl"),  # no meter, two signals
    "100× winner, all five signals": ("front", "adl"),
}


def test_there_are_eighteen_positions_and_each_stands_where_the_contract_says() -> None:
    """Standing and nearer danger of each row are those that follow from its request by hand."""
    assert {name: (row["standing"], row["danger"]) for name, row in ROWS.items()} == EXPECTED
    assert len(ROWS) == 18 == len(LISTED)


def test_the_table_covers_what_there_is() -> None:
    """Every standing, danger and band, both sides and kinds of contract, five mechanisms' worth of venues."""
    assert {row["standing"] for row in ROWS.values()} == set(get_args(Place))
    assert {row["danger"] for row in ROWS.values()} == set(get_args(Danger))
    assert {row["band"] for row in ROWS.values()} >= set(get_args(Band))
    assert {row["side"] for row in ROWS.values()} == {"long", "short"}
    assert {request["position"].get("contract", "linear") for request in REQUESTS.values()} == {"linear", "inverse"}
    venues = {re.findall(r"\[(\w+)\]", row["venue"])[0] for row in ROWS.values()}
    assert len(venues) >= 15
    assert {catalogue()[venue].rules.mechanism for venue in venues} >= {"queue", "random", "socialised"}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_no_two_parts_of_a_row_disagree(row: dict[str, str]) -> None:
    """Scores are even and have their band; the guidance names the nearer danger first, and no ADL where none can be."""
    for score, band in zip(row["score"].split("–"), row["band"].split("–"), strict=False):
        assert int(score) in {"low": (0, 2), "watch": (4, 6), "high": (8, 10)}[band]
    assert row["guidance"].startswith("Liquidation is") == (row["danger"] == "liquidation")
    if row["danger"] == "liquidation":
        assert row["first action"].partition("`")[0] in {"keep_margin_buffer", "add_margin", "reduce_size"}
        assert "ADL" not in row["first action"]
    if row["danger"] == "adl":
        assert row["standing"] not in {"no_adl_at_venue", "not_in_queue"}
        assert not row["band"].startswith("low")
    if row["standing"] == "no_adl_at_venue":
        assert "an ADL" not in row["first action"]
        assert "queue" not in row["guidance"]
    if row["danger"] == "unknown":
        assert "–" in row["score"]


@pytest.mark.parametrize(("name", "request_"), REQUESTS.items(), ids=REQUESTS)
def test_the_figures_of_a_row_are_those_of_exact_arithmetic(name: str, request_: dict[str, Any]) -> None:
    """Leverage is notional over equity, profit is of the notional; within 5 % of liquidation, that is the danger."""
    held, row = request_["position"], ROWS[name]
    size, entry, mark = (Fraction(str(held[field])) for field in ("size", "entry_price", "mark_price"))
    sign = 1 if held["side"] == "long" else -1
    if held.get("contract") == "inverse":
        opened, notional = size / entry, size / mark
        pnl = sign * (opened - notional)
    else:
        opened, notional = size * entry, size * mark
        pnl = sign * (notional - opened)
    assert row["profit"] == f"{float(pnl / notional * 100):.3g} %"
    if "margin" not in held and "leverage" not in held:
        assert row["leverage"] == "unknown"
        return
    equity = (Fraction(held["margin"]) if "margin" in held else opened / held["leverage"]) + pnl
    assert row["leverage"] == (f"{float(notional / equity):.3g}×" if equity > 0 else "insolvent")
    if held.get("contract") != "inverse":
        rate = Fraction(str(held["maintenance_margin_rate"]))
        price = (sign * opened - (equity - pnl)) / (size * (sign - rate))
        distance = sign * (mark - price) / mark
        assert (distance <= Fraction(5, 100)) == (row["danger"] == "liquidation")
        if name.endswith("0.1 % from liquidation"):
            assert round(float(distance), 4) == 0.001


def test_alerts_are_those_of_the_market_that_is_sent() -> None:
    """A settlement in 6 of 24 hours, and a fund that has lost 20 % where 30 % start an ADL; none elsewhere."""
    assert {name: row["alerts"] for name, row in ROWS.items() if row["alerts"] != "–"} == {
        "short of a contract that is delisted in 6 hours": "settlement_near",
        "winner at a venue whose insurance fund has fallen by 20 %": "fund_drawn_down",
    }


def test_the_leg_of_the_hedge_shows_the_leverage_of_its_account() -> None:
    """50,000 and 45,000 of notional on 1,000 are 95×, as the signal of a cross leg judges them."""
    assert ROWS["long leg of a cross hedge"]["leverage"] == "95×"


def test_the_readmes_short_is_the_example() -> None:
    """The row of the README has its fields and its score."""
    asked = example("score.request")
    assert REQUESTS["the short of the README"] == {
        **{name: asked[name] for name in ("venue", "market")},
        "position": asked["position"],
    }
    assert ROWS["the short of the README"]["score"] == "8"


def test_the_page_names_every_part_of_an_answer() -> None:
    """Each field of an answer, and each value of its words, is on the page as it is spelled there."""
    shown = set(re.findall(r"`([\w.]+)`", TEXT.partition("## Typical positions")[0]))
    fields = set(ScoreAnswer.__struct_fields__) - {"max_score", "market", "as_of", "venue"}  # said of every answer
    words = {word for kind in (Place, Danger, Band) for word in get_args(kind)}
    assert (fields | words) - shown == set()
    assert "venue.facts_age_days" in shown


def test_the_page_names_the_default_distance_of_a_near_liquidation() -> None:
    """5 % is what the generic card has."""
    assert "(5 %, if no card says otherwise)" in TEXT
    assert catalogue()["generic"].rules.score.near_liquidation == 0.05


JQ = [command for page in (README, TEXT) for command in commands_in(page) if "| jq '{" in command]


@pytest.mark.parametrize("command", JQ, ids=["README", "reading"])
def test_the_jq_lines_show_guidance_danger_and_first_action(server: RunningServer, command: str) -> None:
    """Each filter finds what it asks for, in the answer to the request beside it."""
    answer = send_as_curl(command, server).json()
    shown = apply_filter(filter_of(command), answer)
    assert shown["guidance"] == answer["guidance"]
    assert shown["danger"] == answer["nearer_danger"]["danger"]
    assert shown["do"] == answer["actions"][0]["reason"]
