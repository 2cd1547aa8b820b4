"""The page on batches: its fields, its example and its figures against the service and the schema."""

import json
import re
from typing import Any

import pytest

from adlrisk.api.endpoints.score.schema import BriefScore
from support.curl import commands_in, send_as_curl
from support.running import ROOT, RunningServer

PAGE = (ROOT / "docs" / "batches.md").read_text()
SHOWN = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture
def results(server: RunningServer) -> list[dict[str, Any]]:
    """What the service answers to the command of the page."""
    (command,) = commands_in(PAGE)
    answered: list[dict[str, Any]] = send_as_curl(command, server).json()["results"]
    return answered


def test_the_results_of_the_page_are_the_real_ones(results: list[dict[str, Any]]) -> None:
    """Two scores as they are, to the order of their fields, and a part of the problem."""
    assert [list(result.items()) for result in results[:2]] == [list(shown.items()) for shown in SHOWN[:2]]
    assert SHOWN[2].items() <= results[2].items()
    assert len(results) == len(SHOWN) == 3


def test_the_table_of_the_page_has_every_field_and_says_where_it_is_in_a_full_answer(client: Any) -> None:
    """Each path of the table leads to the same value in the full answer to the same items."""
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", PAGE.partition("## In brief")[2], re.MULTILINE)
    paths: dict[str, str] = {}
    for names, where in rows:
        fields = re.findall(r"`(\w+)`", names)
        places = fields if where == "the same" else re.findall(r"`([\w.]+)`", where)
        paths |= dict(zip(fields, places[-1:] * len(fields) if len(places) != len(fields) else places, strict=True))
    assert list(paths) == list(BriefScore.__struct_fields__)
    request = json.loads((ROOT / "openapi" / "examples" / "scores-brief.request.json").read_bytes())
    full = client.post("/scores", json={**request, "detail": "full"}).json()["results"]
    for shown, answer in zip(SHOWN[:2], full[:2], strict=True):
        for field, path in paths.items():
            value = answer
            for step in path.split("."):
                value = value[step]
            assert shown[field] == ([each["alert"] for each in value] if field == "alerts" else value), field
