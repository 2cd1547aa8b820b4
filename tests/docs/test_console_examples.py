"""The console examples print what stands on their pages, on any day."""

import io
import json
import re
import shlex
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from support.curl import console_in, path_of, read_body, requests_of_the_docs
from support.jq import apply_list_filter, filter_of
from support.running import ADMIN_KEY, ROOT, WEDNESDAY, WRITABLE, RunningServer, without_age

CLOCKS = (WEDNESDAY, datetime(2027, 8, 14, 22, 30, tzinfo=UTC))  # the second on a Saturday night, with thin order books
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SCORED = ("/score", "/scores", "/account", "/plan")  # the endpoints that look at the clock
OF_THE_CLOCK = re.compile(r"\d\d:\d\d:\d\d|_seconds\"|facts_age_days|observed_at|revision")


JSON = {"content-type": "application/json"}


def without_what_is_new(answer: Any) -> Any:
    """An answer without the age of the card's facts, and without the ids of requests in problems."""
    return json.loads(re.sub(r'"instance": "[^"]*"', '"instance": ""', json.dumps(without_age(answer))))


def serving_at(clock: datetime) -> RunningServer:
    return RunningServer(WRITABLE, log=io.StringIO(), clock=lambda: clock)


def test_nothing_that_is_printed_changes_with_the_clock() -> None:
    """No time of day, age, revision or time of observation stands in what a console example prints."""
    printed = [line for page in PAGES for _, lines in console_in(page.read_text()) for line in lines]
    assert [line for line in printed if OF_THE_CLOCK.search(line)] == []


def test_requests_of_the_docs_have_the_same_answer_on_any_day() -> None:
    """Each documented body of a score, account or plan, inline or an example, says of what time it is."""
    asked = {(path_of(command), read_body(command)) for command in requests_of_the_docs() if path_of(command) in SCORED}
    assert len(asked) >= 10
    answers = []
    for clock in CLOCKS:
        with serving_at(clock) as server, httpx.Client(base_url=server.url, headers=JSON) as client:
            answers.append({one: without_what_is_new(client.post(one[0], content=one[1]).json()) for one in asked})
    assert answers[0] == answers[1]


class Terminal:
    """A terminal that knows the functions, variables and requests of the examples."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._score = ""

    def run(self, command: str) -> list[Any]:
        """What jq prints of the answer, decoded."""
        if command.startswith("score() { "):
            self._score = command.removeprefix("score() { ").removesuffix("; }")
            return []
        command = command.removeprefix("sleep 1; ")
        request, _, jq = command.partition(" | jq ")
        if request.startswith("score "):
            request = self._score.replace("'$1'", request.split()[1]).replace('"${@:2}" ', "")
        return [apply_list_filter(filter_of(f"jq {jq}".replace("-c ", "")), self.send(request))]

    def send(self, request: str) -> Any:
        """The answer to a curl command."""
        words = shlex.split(request.replace("\\\n", " ").replace("$KEY", ADMIN_KEY))
        (path,) = [re.sub(r"localhost:\d+", "", word) for word in words if word.startswith("localhost:")]
        method = words[words.index("-X") + 1] if "-X" in words else "POST"
        headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
        return self._client.request(method, path, content=words[words.index("-d") + 1], headers=headers).json()


@pytest.mark.parametrize("clock", CLOCKS, ids=str)
def test_overrides_and_records_are_shown_as_they_are(clock: datetime) -> None:
    """The example of the parameters, until its store is stopped, prints what stands there."""
    steps = console_in((ROOT / "docs" / "parameters.md").read_text())
    steps = steps[: [command for command, _ in steps].index("kill -STOP $STORE")]
    assert len(steps) == 6
    with serving_at(clock) as server, httpx.Client(base_url=server.url) as client:
        terminal = Terminal(client)
        for command, printed in steps:
            assert terminal.run(" ".join(command.replace("\\\n", " ").split())) == [
                json.loads(line) for line in printed
            ], command


@pytest.fixture(scope="module")
def collected() -> dict[str, Any]:
    """The market record on the page of the collector, and the volatility that the text says."""
    page = (ROOT / "docs" / "collector.md").read_text()
    (record,) = [json.loads(lines[0]) for command, lines in console_in(page) if "del(.volatility" in command]
    said = re.search(r"`volatility` is about ([\d.]+) here", page)
    assert said is not None
    return {**record, "volatility": float(said[1])}


def put_record(client: httpx.Client, collected: dict[str, Any], **changes: Any) -> None:
    body = {name: value for name, value in {**collected, **changes}.items() if name not in ("venue", "symbol")}
    stored = client.put("/venues/okx/markets/BTC-USDT-SWAP", json=body, headers={"x-api-key": ADMIN_KEY})
    assert stored.status_code == 200, stored.text


@pytest.mark.parametrize("clock", CLOCKS, ids=str)
def test_scores_by_the_collectors_record_are_those_of_the_page(collected: dict[str, Any], clock: datetime) -> None:
    """By the record that is shown the position scores as printed before the liquidation, and after it as printed."""
    steps = console_in((ROOT / "docs" / "collector.md").read_text())
    (function,) = [command for command, _ in steps if command.startswith("score() { ")]
    scores = [lines[0] for command, lines in steps if command.endswith("score")]
    assert len(scores) == 4
    with serving_at(clock) as server, httpx.Client(base_url=server.url) as client:
        request = function.removeprefix("score() { ").partition("| jq")[0]
        for printed in scores:
            put_record(client, collected, liquidation_spike=printed == scores[-1])
            answer = Terminal(client).send(request)
            fired = {one["signal"]: one["fired"] for one in answer["signals"]}
            assert json.loads(printed) == [answer["score"], fired, answer["missing"]]


def test_the_exposure_by_the_collectors_record_is_that_of_the_page(collected: dict[str, Any]) -> None:
    """To the four digits that are shown, whatever the last digits of the volatility."""
    (_, _), (_, (range_,)), (_, (others,)), (_, cases) = console_in((ROOT / "docs" / "chain.md").read_text())
    (request, _), *_ = console_in((ROOT / "docs" / "chain.md").read_text())
    with serving_at(WEDNESDAY) as server, httpx.Client(base_url=server.url) as client:
        put_record(client, collected)
        answer = Terminal(client).send(request.removesuffix(" > answer.json"))
    (you,) = answer["range"]
    shown = [you["probability"]["least"], you["probability"]["most"], you["nearest"]["down"]]
    assert json.loads(range_) == pytest.approx(shown, abs=1e-4)
    assert json.loads(others) == [you["nearest"]["up"], answer["confidence"], answer["filled"]["entries_seen"]]
    for line, case in zip(cases, answer["cases"], strict=True):
        name, path, market, mine = json.loads(line)
        assert [name, path] == [case["case"], case["path"]]
        told = [case["market"]["probability"], case["positions"][0]["probability"]]
        assert [market, mine] == pytest.approx(told, abs=1e-4)
