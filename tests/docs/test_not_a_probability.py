"""What the score is: conditions met, not a probability, wherever a reader meets it."""

import json
import re
from pathlib import Path

import click.testing
import pytest

from adlrisk.__main__ import main
from support.running import ROOT

SENTENCE = "not a probability: 8 of 10 is not 80 %"
OPENAPI = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
README = (ROOT / "README.md").read_text()
READING = (ROOT / "docs" / "reading.md").read_text()
FIRST_MET = {
    "README": README.partition("\n## ")[0],
    "docs/reading.md": READING.partition("\n```")[0],
    "OpenAPI, and the page made of it": OPENAPI["info"]["description"].partition("\n\n")[0],
    "POST /score": OPENAPI["paths"]["/score"]["post"]["description"],
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
    assert [(place.relative_to(ROOT), found) for place in TEXTS for found in promises_in(place)] == []


def promises_in(place: Path) -> list[str]:
    """What a file says of how likely something is, line ends aside."""
    return PROMISES.findall(" ".join(place.read_text().split()))
