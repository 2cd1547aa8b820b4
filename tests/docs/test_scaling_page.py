"""The page on scaling against settings and chart: the bound of a replica's memory."""

import re

import yaml

from adlrisk.settings import Settings
from support.running import ROOT

MIB = 1 << 20
PAGE = (ROOT / "docs" / "scaling.md").read_text()
SECTION = PAGE.partition("## Memory of one replica")[2].partition("\n## ")[0]
LIMIT = yaml.safe_load((ROOT / "helm" / "adlrisk" / "values.yaml").read_text())["resources"]["limits"]["memory"]


def figures() -> dict[str, str]:
    """The second column of the section's first table, by the first word of the row."""
    rows = [line.split(" | ") for line in SECTION.partition("\n\n| books |")[0].splitlines() if line.startswith("| ")]
    return {re.split(r"[ :]", row[0].removeprefix("| "))[0]: row[1] for row in rows[1:]}


def test_the_parts_of_the_memory_are_those_of_the_settings() -> None:
    """Each product and sum in the table is made of the defaults, and correct."""
    settings, shown = Settings(), figures()
    book = max(settings.max_book_bytes, settings.max_answer_bytes) // MIB
    parts = {
        "books": (settings.max_books, "×", book),
        "large": (settings.max_batches, "×", 100),
        "the": (settings.max_worker_bytes // MIB, "+", 20),  # the last row that begins with it: the worker
    }
    for name, (left, operator, right) in parts.items():
        total = left * right if operator == "×" else left + right
        assert shown[name] == f"{left} {operator} {right} = {total}", name


def test_the_memory_of_a_replica_fits_into_the_chart() -> None:
    """The rows of the table add up to the last one, which is below the chart's limit, and the text names that limit."""
    *parts, together = [
        int(re.findall(r"[0-9]+", line.split(" | ")[1])[-1])
        for line in SECTION.partition("\n\n| books |")[0].splitlines()
        if line.startswith("| ") and not line.startswith("| part")
    ]
    assert len(parts) == 4
    assert together == sum(parts)
    assert LIMIT.endswith("Gi")
    limit = int(LIMIT.removesuffix("Gi")) * 1024
    assert together < limit
    assert f"{limit} MiB" in SECTION
