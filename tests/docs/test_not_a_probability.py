"""What the score is: conditions met, not a probability, wherever a reader meets it.

The one place with a probability is the exposure of the trigger chain: a model's, which says so wherever it is met.
"""

import json
import re
from pathlib import Path
from typing import Any

import click.testing
import msgspec
import pytest

from adlrisk.__main__ import main
from adlrisk.domain.stress.likelihood import ExposedPosition, MarketOdds
from adlrisk.page.sections.answer import render_answer
from support.running import ROOT

SENTENCE = "not a probability: 8 of 10 is not 80 %"
OPENAPI = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
README = (ROOT / "README.md").read_text()
CHAIN = (ROOT / "docs" / "chain.md").read_text()
READING = (ROOT / "docs" / "reading.md").read_text()
FIRST_MET = {
    "README": README.partition("\n## ")[0],
    "docs/reading.md": READING.partition("\n```")[0],
    "OpenAPI, and the page made of it": OPENAPI["info"]["description"].partition("\n\n")[0],
    "POST /score": OPENAPI["paths"]["/score"]["post"]["description"],
    "the page": str(render_answer(json.loads((ROOT / "openapi" / "examples" / "score.answer.json").read_bytes()))),
    "the answer": OPENAPI["components"]["schemas"]["ScoreAnswer"]["properties"]["score"]["description"],
    "adlrisk score --help": click.testing.CliRunner().invoke(main, ["score", "--help"]).stdout,
    "adlrisk account --help": click.testing.CliRunner().invoke(main, ["account", "--help"]).stdout,
}
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "docs/**/*.py",
        "service/**/*.py",
        "service/**/*.toml",
        "openapi/*.json",
        "helm/**/*.md",
        "helm/**/*.yaml",
        "helm/**/*.json",
        "helm/dashboard/*.py",
        "benchmarks/*.md",
        "pyproject.toml",
        "Dockerfile",
    )
    for path in ROOT.glob(pattern)
)
# The exposure: its page and figures, its model, its endpoint. Of the OpenAPI document what belongs to its path alone.
OF_THE_EXPOSURE = (
    "docs/chain.md",
    "docs/chain_validation.py",
    "docs/figures/chain/",
    "docs/testing/chain.md",
    "service/adlrisk/api/endpoints/stress/",
    "service/adlrisk/domain/stress/",
    "service/adlrisk/page/sections/triggers/",
    "service/adlrisk/page/sections/what_triggers.py",
)
EXPOSURE_PATH = "/adl/exposure"
NAMES_THE_EXPOSURE = re.compile(rf"{EXPOSURE_PATH}|\bexposure\(|^\| exposure \|")  # endpoint, function, glossary
PROMISES = re.compile(
    r"how likely|likelihood|\bodds\b|(?<!by )\bchances? (?:of|that)\b|(?<!not a )\bprobabilit", re.IGNORECASE
)


@pytest.mark.parametrize("text", FIRST_MET.values(), ids=FIRST_MET)
def test_who_meets_the_score_first_reads_what_it_is(text: str) -> None:
    """One sentence says that it counts conditions and is not a probability."""
    said = " ".join(text.replace("*", "").split())
    assert SENTENCE in said
    assert re.search(r"counts conditions (of an (ADL|auto-deleveraging)( \(ADL\))? )?that are met", said)


@pytest.mark.parametrize(
    "text",
    ["How likely an ADL is", "a probability of 80 %", "the chance of an ADL", "its likelihood", "long odds: low odds"],
)
def test_the_search_finds_promises(text: str) -> None:
    """Texts that would make a probability of the score."""
    assert PROMISES.search(text)


def test_no_text_calls_the_score_a_probability() -> None:
    """Pages, docstrings, cards, descriptions and the chart: none says how likely an ADL is."""
    assert len(TEXTS) > 300
    assert [(place, found) for place in TEXTS if not is_of_the_exposure(place) for found in promises_in(place)] == []


def is_of_the_exposure(place: Path) -> bool:
    """Whether a file is about the exposure alone, which gives a model's probability."""
    return place.relative_to(ROOT).as_posix().startswith(OF_THE_EXPOSURE)


def promises_in(place: Path) -> list[str]:
    """What a file says of how likely something is, line ends aside."""
    text = place.read_text()
    if place.name == "openapi.json":
        text = json.dumps(without_exposure(json.loads(text)), ensure_ascii=False)
    return find_promises(text)


def find_promises(text: str) -> list[str]:
    """The promises of all paragraphs and table rows but those that name the exposure."""
    parts = re.split(r"\n\s*\n|\n(?=[|-] )", text)
    return [
        found
        for part in parts
        if not NAMES_THE_EXPOSURE.search(part)
        for found in PROMISES.findall(" ".join(part.split()))
    ]


def test_a_probability_is_found_beside_the_exposures() -> None:
    """In the next row, item or paragraph, and in the rest of the OpenAPI document, it is one of the score again."""
    mixed = "| `/adl/exposure` | a probability |\n| `/score` | the probability of it |\n\n- exposure()\n- likelihood"
    assert find_promises(mixed) == ["probabilit", "likelihood"]
    path = {"get": {"$ref": "#/components/schemas/Shared"}}
    schemas = {"Shared": {"description": "its likelihood"}, "Own": {"description": "long odds"}}
    document = {
        "paths": {"/score": path, EXPOSURE_PATH: {"post": {"$ref": "#/components/schemas/Own"}}},
        "components": {"schemas": schemas},
    }
    assert PROMISES.findall(json.dumps(without_exposure(document))) == ["likelihood"]


def without_exposure(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document without the exposure's path, and without the components that only it uses."""
    paths = {path: item for path, item in document["paths"].items() if path != EXPOSURE_PATH}
    kept: dict[str, Any] = {}
    new = references_in(paths)
    while new:
        kept |= {reference: resolve(document, reference) for reference in new}
        new = references_in(list(kept.values())) - kept.keys()
    return {**document, "paths": paths, "components": kept}


def references_in(part: object) -> set[str]:
    """The references in a part of the document."""
    return set(re.findall(r'"(#/components/[^"]*)"', json.dumps(part)))


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What a reference leads to."""
    part: Any = document
    for step in reference.split("/")[1:]:
        part = part[step]
    return part


def test_who_meets_the_probability_first_reads_that_it_is_a_models() -> None:
    """The page says so before its first table, and later that it is no forecast; the endpoint says so too."""
    start, _, _ = CHAIN.partition("\n|")
    said = " ".join(start.split())
    assert "the one place where adlrisk gives a probability. It is a range, and [a model's]" in said
    assert re.search(r"a probability of [\d.]+ % is not a forecast", " ".join(CHAIN.split()))
    assert "Probabilities are of the model" in OPENAPI["paths"][EXPOSURE_PATH]["post"]["description"]


def test_the_models_probability_is_described_as_one() -> None:
    """Wherever a field of the exposure is called a probability, its description says what is added up."""
    fields = [
        (struct.__name__, name, part.get("description", ""))
        for struct in (ExposedPosition, MarketOdds)
        for name, part in msgspec.json.schema(struct)["$defs"][struct.__name__]["properties"].items()
        if "probability" in name
    ]
    assert len(fields) == 4
    assert [field for field in fields if not re.search(r"[Ww]eights of the moves", field[2])] == []
