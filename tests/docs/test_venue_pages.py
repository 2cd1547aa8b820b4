"""The pages on venues and queue formulas, and the form for corrections, against the rule cards."""

import doctest
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest
import yaml

import venue_pages
from adlrisk.domain.rules.card import Execution, VenueRules
from adlrisk.domain.rules.formulas import Confidence, FormulaName
from adlrisk.venues.catalogue import load_catalogue, revision_of
from support.running import EXAMPLES, ROOT, RunningServer
from venue_pages.card_facts import LABELS, CardFacts, facts_of, list_changes
from venue_pages.changes_page import changes_page
from venue_pages.released import Released, read_released, release_cards, version_to_compare
from venue_pages.venue_page import venue_page
from venue_pages.words import CONFIDENCES, FORMULA_TITLES

VENUES = ROOT / "docs" / "venues"
CARDS = sorted(path.stem for path in (ROOT / "service" / "adlrisk" / "venues" / "cards").glob("*.toml"))
FORM = ROOT / ".github" / "ISSUE_TEMPLATE" / "venue-correction.yml"
FORMULAS = (ROOT / "docs" / "formulas.md").read_text()
CATALOGUE = load_catalogue()
each_card = pytest.mark.parametrize("card", CARDS)


def shown(page: Path) -> str:
    """The page's text without escapes."""
    return re.sub(r"\\([^\w\s])", r"\1", page.read_text())


def texts_of(value: Any) -> Iterator[str]:
    """Every text of more than one word in a card."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str) and " " in value:
        yield value


def test_each_card_has_a_page_and_nothing_else_has() -> None:
    """The folder holds a page for each card, and the changes."""
    assert sorted(path.name for path in VENUES.iterdir()) == sorted(["CHANGES.md", *(f"{card}.md" for card in CARDS)])


def test_the_overview_has_one_short_line_for_each_card() -> None:
    """Each card is linked from one row; cells and their words are short, for a phone shows three columns."""
    rows = [
        line.strip("|").split("|") for line in (VENUES.parent / "venues.md").read_text().splitlines() if line[:1] == "|"
    ]
    cells = [[re.sub(r"\[(.*)\]\(.*\)", r"\1", cell.strip()) for cell in row] for row in rows]
    assert sorted(re.findall(r"\(venues/(\w+)\.md\)", "".join(row[0] for row in rows))) == CARDS
    assert {len(row) for row in rows} == {6}
    assert [cell for row in cells for cell in row if len(cell) > 70] == []
    assert [word for row in cells for cell in row for word in cell.split() if len(word) > 15] == []


@each_card
def test_a_page_has_every_text_of_its_card(card: str) -> None:
    """Notes, traps, history, marks, alternatives, sources and open questions are all shown."""
    page, rules = shown(VENUES / f"{card}.md"), msgspec.to_builtins(CATALOGUE[card].rules, builtin_types=(date,))
    for thresholds in ("score", "id"):
        del rules[thresholds]
    texts = list(texts_of(rules))
    assert len(texts) >= 5
    assert [text for text in texts if text not in page] == []
    for source in rules["sources"]:
        assert f"{source['where']} (read {source['read']})" in page


def a_card(**changed: Any) -> VenueRules:
    """BitMEX's card with other fields."""
    return msgspec.convert({**msgspec.to_builtins(CATALOGUE["bitmex"].rules), **changed}, VenueRules)


def page_of(**changed: Any) -> str:
    return venue_page(a_card(**changed), aliases=(), is_changed=False)


def test_a_disputed_ranking_is_shown_with_the_other_one() -> None:
    """The page names the other formula, how sure it is, in what it differs and who gives it."""
    other = {"formula": "price_ratio_leverage", "confidence": "secondary", "note": "By ratio.", "source": "A blog"}
    page = page_of(confidence="disputed", alternatives=[other])
    assert "By profit × leverage ([`pnl_leverage`](../formulas.md#pnl_leverage)), disputed." in page
    assert "price ratio × leverage" in page
    assert "(../formulas.md#price_ratio_leverage)), secondary. By ratio. Source: A blog." in page


def test_a_queue_without_a_formula_says_so() -> None:
    """What is known of the queue comes first, and no formula is named."""
    page = page_of(mechanism_note="Holders of the other side are unwound", ranking={}, confidence="documented")
    assert "## What happens\n\nHolders of the other side are unwound.\n" in page
    assert "By none of the [queue formulas]" in page
    assert "What is said above: documented." in page
    assert "formulas.md#" not in page


def test_drawdown_and_settlement_are_shown() -> None:
    """A fraction as a percentage, and the hours."""
    page = page_of(trigger={"drawdown": 0.3, "settlement_hours": 1})
    assert "A fall of the insurance fund by 30 % from its peak triggers it." in page
    assert "In the last 1 h before the settlement" in page


def test_marks_for_programs_are_a_table_in_their_order() -> None:
    """Each rule has a row with kind, whose fill it is, field, values and how sure."""
    rules = [
        {"kind": "adl", "side_of": "reduced", "field": "info.type", "equals": "A|B"},
        {"kind": "liquidation", "field": "text", "starts_with": "liq-", "confidence": "inferred", "note": "Rare."},
        {"kind": "own", "field": "type", "one_of": ["x", "y"]},
    ]
    rows = [line for line in page_of(fills={"rules": rules}).splitlines() if line.startswith("|")]
    assert rows[2:] == [
        r"| adl | the reduced holder's | `info.type` | `A\|B` | documented |",
        "| liquidation | not told | `text` | starts with `liq-` | inferred: Rare. |",
        "| own |  | `type` | `x`, `y` | documented |",
    ]


def test_nothing_is_said_of_forced_fills_where_nobody_is_closed() -> None:
    """A venue that shares losses has no fill price that could be unknown."""
    page = page_of(mechanism="socialised", mechanism_note="Losses are shared.", ranking={}, meter=None, execution={})
    assert "## The forced fill" not in page
    assert "## Your place" not in page


def test_all_readings_of_a_meter_are_shown() -> None:
    """The scale from the front, further readings of the end, and those that mean no place."""
    meter = {"scale": "levels", "field": "rank", "endpoint": "GET /rank", "direction_confidence": "inferred"}
    page = page_of(meter={**meter, "levels": [1, 2, 3, 4, 5], "also_lowest": [9], "none": [0]})
    place = page.partition("## Your place in the queue\n\n")[2].partition("\n\n")[0].splitlines()
    assert place == [
        "- `rank` of GET /rank",
        "- 1, 2, 3, 4, 5: from the fifth that is reduced first to the last fifth.",
        "- As the last of these: 9.",
        "- No position or no rank: 0.",
        "- How well the direction is known: inferred. What the venue counts: not known.",
    ]


def test_levels_that_are_no_fifths_are_shown_with_their_ends() -> None:
    """The share of the queue at which each level ends."""
    meter = {"scale": "levels", "field": "rank", "endpoint": "GET /rank", "direction_confidence": "documented"}
    page = page_of(meter={**meter, "levels": [4, 3, 2, 1, 0], "shares": [0.05, 0.13, 0.27, 0.5, 1]})
    assert "- 4, 3, 2, 1, 0: from the front of the queue, each up to 5 %, 13 %, 27 %, 50 %, 100 % of it.\n" in page


BEFORE = CardFacts(
    name="OKX",
    revision="6ce4766dbca7",
    mechanism="queue",
    formula="pnl_over_margin_ratio",
    confidence="secondary",
    contracts=("linear", "inverse"),
)
# Another value of each fact.
OTHERS: dict[str, Any] = {
    "mechanism": "random",
    "formula": "pnl_leverage",
    "confidence": "documented",
    "alternatives": {"pnl_leverage": "secondary"},
    "contracts": ("linear",),
    "maintenance_basis": "entry",
    "meter_field": "adl",
    "meter_levels": (4, 3, 2, 1, 0),
    "meter_shares": (0.1, 0.2, 0.3, 0.4, 1.0),
    "meter_direction": "documented",
    "meter_weighting": "accounts",
    "price": "mark",
    "fee": "none",
    "cancels_orders": False,
    "partial": True,
    "drawdown": 0.3,
    "settlement_hours": 1.0,
    "interval_hours": 8.0,
    "adl_marks": ("category adl",),
    "liquidation_marks": ("category liquidation",),
}


def test_every_fact_has_another_value_here() -> None:
    """The table of the next test is complete, and so are the facts: all terms of a forced fill are among them."""
    fields = {field.name for field in msgspec.structs.fields(CardFacts)}
    assert fields == {"name", "revision", *OTHERS}
    assert {field.name for field in msgspec.structs.fields(Execution)} - {"note"} <= fields


def test_facts_are_those_of_the_card() -> None:
    """Each fact is read from its field of the card, here one in which none has the default."""
    meter = {"scale": "levels", "field": "adl", "endpoint": "GET /adl"}
    levels = {"levels": [4, 3, 2, 1, 0], "shares": [0.1, 0.2, 0.3, 0.4, 1]}
    other = {"formula": "pnl_leverage", "confidence": "secondary", "note": "By ratio.", "source": "A blog"}
    rules = a_card(
        contracts=["linear"],
        confidence="documented",
        maintenance_basis="entry",
        ranking={"formula": "price_ratio_leverage"},
        alternatives=[other],
        meter={**meter, **levels, "direction_confidence": "documented", "weighting": "accounts"},
        execution={"price": "mark", "fee": "none", "cancels_orders": False, "partial": True},
        trigger={"drawdown": 0.3, "settlement_hours": 1},
        funding={"interval_hours": 8},
        fills={"adl": ["category adl"], "liquidation": ["category liquidation"]},
    )
    found = msgspec.structs.asdict(facts_of(rules))
    expected = {**OTHERS, "mechanism": "queue", "formula": "price_ratio_leverage"}
    assert {name: found[name] for name in expected} == expected
    assert (found["name"], found["revision"]) == ("BitMEX", revision_of(rules))


@pytest.mark.parametrize("fact", OTHERS)
def test_a_changed_fact_is_listed(fact: str) -> None:
    """Each fact that changes gives one line, which says what it was and what it is."""
    needed: dict[str, Any] = {"mechanism": {"formula": None}}.get(fact, {})
    if fact.startswith("meter_"):
        needed = {"meter_field": "rank", "meter_levels": (5, 4, 3, 2, 1), "meter_direction": "inferred"}
    before = msgspec.structs.replace(BEFORE, **needed)
    (change,) = list_changes(before, msgspec.structs.replace(before, **{fact: OTHERS[fact]}))
    assert change.label in LABELS
    assert re.match(r"was .+, is .+|new: .+", change.text)


def test_changes_are_told_in_sentences_with_new_and_gone_venues() -> None:
    """What a reader of a new release sees: new venues, those that are gone, and what a fact was and is."""
    before = msgspec.structs.replace(BEFORE, adl_marks=("x", "type 9"))
    released = Released(version="1.2.0", day=date(2026, 11, 27), venues={"okx": before, "mtgox": before})
    now = msgspec.structs.replace(
        BEFORE, revision="1" * 12, formula="pnl_leverage", confidence="documented", adl_marks=("x", "category adl")
    )
    page = changes_page(released, {"okx": now, "grvt": msgspec.structs.replace(BEFORE, name="GRVT")})
    assert "since release 1.2.0, of 2026-11-27." in page
    assert "## New\n\n- [GRVT](grvt.md)\n" in page
    assert "## Gone\n\n- OKX (`mtgox`)\n" in page
    assert "- ranking: [okx](#okx)\n- marks of an ADL fill: [okx](#okx)\n" in page
    assert page.endswith(
        "### `okx`\n\n[OKX](okx.md), revision `6ce4766dbca7` until then, now `111111111111`\n\n"
        "- ranking: was profit ÷ margin ratio (`pnl_over_margin_ratio`, secondary), "
        "is profit × leverage (`pnl_leverage`, documented)\n"
        "- marks of an ADL fill: new: category adl. No longer: type 9\n"
    )


def test_a_better_word_or_another_note_is_no_change() -> None:
    """Facts are compared, so cards that differ in notes and revision only are not listed."""
    page = changes_page(
        Released(version=None, day=date(2026, 11, 27), venues={"okx": BEFORE}),
        {"okx": msgspec.structs.replace(BEFORE, revision="1" * 12)},
    )
    assert page.endswith("\nNothing.\n")


def test_changes_are_told_against_the_last_release() -> None:
    """The stored facts are those of the newest release in the CHANGELOG; in its own commit, of the one before."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert read_released().version == version_to_compare(changelog), "run make release-cards generated"


def test_after_a_release_nothing_has_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`make release-cards` stores the present cards under the newest version."""
    monkeypatch.setattr("venue_pages.released.FILE", tmp_path / "released.json")
    monkeypatch.setattr("venue_pages.released.CHANGELOG", tmp_path / "CHANGELOG.md")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## [0.3.1] - 2027-01-01\n\n## 0.3.0\n")
    release_cards()
    released = read_released()
    assert released.version == "0.3.1"
    assert changes_page(released, {id_: facts_of(venue.rules) for id_, venue in CATALOGUE.items()}).endswith(
        "\nNothing.\n"
    )


def test_the_form_offers_the_venues_facts_and_confidences_of_the_cards() -> None:
    """Its venues are the cards and one for those without, its facts those of the changes, its words the schema's."""
    form = yaml.safe_load(FORM.read_text())
    fields = {item["id"]: item for item in form["body"] if item["type"] != "markdown"}
    options = {id_: item["attributes"].get("options") for id_, item in fields.items()}
    assert options["venue"] == [*CARDS, "a venue without a card"]
    assert options["fact"] == [*LABELS, "something else"]
    words = [option.partition(":")[0] for option in options["confidence"]]
    assert words == [word for word in get_args(Confidence) if word not in ("approximation", "disputed")]
    assert {"card_says", "source_says", "source", "dated"} <= set(fields)


def test_the_form_is_one_that_github_takes() -> None:
    """Name, description and a body of known parts with unique ids and labels; options are unique texts."""
    form = yaml.safe_load(FORM.read_text())
    assert all(isinstance(form[key], str) and form[key] for key in ("name", "description"))
    assert {item["type"] for item in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    assert len({item["id"] for item in asked}) == len({item["attributes"]["label"] for item in asked}) == len(asked)
    assert all(re.fullmatch(r"[\w-]+", item["id"]) and item["validations"] == {"required": True} for item in asked)
    for item in asked:
        options = item["attributes"].get("options", [])
        assert len(set(options)) == len(options)
        assert all(isinstance(option, str) and option.lower() != "none" for option in options)


def test_every_formula_and_word_of_confidence_is_explained() -> None:
    """Each formula has a heading to link to and a title, each word of confidence a meaning in the overview."""
    assert re.findall(r"^## `(.*)`$", FORMULAS, re.MULTILINE) == list(get_args(FormulaName)) == list(FORMULA_TITLES)
    assert list(get_args(Confidence)) == list(CONFIDENCES)
    overview = (VENUES.parent / "venues.md").read_text()
    assert [word for word in CONFIDENCES if f"*{word}*" not in overview] == []


# Ann: return 10/100, leverage 1100/(100 + 100). Ben: return 5/105, margin 3150/20, leverage 3300/(157.5 + 150).
@pytest.mark.parametrize(
    ("formula", "first", "keys"),
    [
        ("pnl_leverage", "ann", (0.1 * 5.5, 5 / 105 * 3300 / 307.5)),
        ("price_ratio_leverage", "ben", (1.1 * 5.5, 110 / 105 * 3300 / 307.5)),
    ],
)
def test_the_example_of_a_chosen_formula_ranks_as_the_page_says(
    server: RunningServer, formula: str, first: str, keys: tuple[float, float]
) -> None:
    """Ann is first by profit times leverage, Ben by the price ratio, with the keys of the page and its JSON."""
    request = json.loads((EXAMPLES / "queue-rank-formula.request.json").read_bytes())
    answer = httpx.post(f"{server.url}/queue/rank", json={**request, "formula": formula}).json()
    (printed,) = re.findall(r"```json\n(.*?)```", FORMULAS, re.DOTALL)
    assert {**json.loads(printed), "formula": formula}.items() <= answer.items()
    rows = {row["id"]: row for row in answer["queues"]["long"]["positions"]}
    assert rows[first]["rank"] == 1
    for name, key in zip(("ann", "ben"), keys, strict=True):
        assert rows[name]["priority"] == pytest.approx(key)
        assert f"{key:.2f}" in FORMULAS


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(venue_pages.__path__)])
def test_doctests_of_the_generator_pass(module: str) -> None:
    """The examples in the docstrings of the generator are correct."""
    assert doctest.testmod(importlib.import_module(f"venue_pages.{module}")).failed == 0
