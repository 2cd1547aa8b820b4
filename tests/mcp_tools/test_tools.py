"""The tools for language models, called by the official client: on standard streams and over HTTP."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, cast, get_args

import httpx
import jsonschema_rs
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from adlrisk.mcp.tools import INSTRUCTIONS, TOOLS
from adlrisk.settings import Settings
from support.mcp_calls import HANDSHAKE, MODERN, one_program, told, use_url
from support.running import RunningServer, example, without_age

Transport = Literal["program", "url"]
Use = Callable[..., Any]

# The examples of the API by tool. Those of programs have fields that no schema shows, and are answered all the same.
OF_PROGRAMS = ("plan-book", "queue-rank-columns", "adl-exposure-cohorts")
EXAMPLES = {
    "score_position": ("score", "score-position-alone", "score-inverse", "score-trigger"),
    "score_account": ("account", "account-hedge"),
    "rank_in_queue": ("queue-rank", "queue-rank-formula", "queue-rank-columns"),
    "what_an_adl_takes": ("adl-partial", "adl-partial-cross"),
    "plan_way_out": ("plan", "plan-account", "plan-book", "plan-candidate"),
    "exposure": ("adl-exposure", "adl-exposure-cohorts"),
    "classify_fill": ("fills-classify", "fills-classify-ccxt"),
}
PATHS = {
    "score_position": "/score",
    "score_account": "/account",
    "rank_in_queue": "/queue/rank",
    "what_an_adl_takes": "/adl/partial",
    "plan_way_out": "/plan",
    "exposure": "/adl/exposure",
    "classify_fill": "/fills/classify",
}
POSITION = {"side": "short", "size": 10, "entry_price": 2000, "mark_price": 1800, "margin": 1000}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    with RunningServer(Settings(mcp="on"), log=io.StringIO()) as server:
        yield server


@pytest.fixture(scope="module", params=get_args(Transport))
def transport(request: pytest.FixtureRequest) -> Transport:
    return cast("Transport", request.param)


@pytest.fixture(scope="module")
def use(transport: Transport, served: RunningServer) -> Iterator[Use]:
    """What runs some work with a client."""
    if transport == "program":
        with one_program() as use:
            yield use
    else:
        yield lambda work, **options: use_url(served.url, work, **options)


@pytest.fixture(scope="module")
def listed(use: Use) -> dict[str, Any]:
    """The tools as they are listed, by name."""

    async def work(client: Client) -> list[Any]:
        return (await client.list_tools()).tools

    return {tool.name: tool for tool in use(work)}


def call(use: Use, *calls: tuple[str, Any], **options: Any) -> list[Any]:
    async def work(client: Client) -> list[Any]:
        return [await client.call_tool(name, arguments) for name, arguments in calls]

    results: list[Any] = use(work, **options)
    return results


@pytest.mark.parametrize(("mode", "version"), [("auto", MODERN), ("legacy", HANDSHAKE)])
def test_server_speaks_the_stateless_revision_and_the_handshake_before_it(use: Use, mode: str, version: str) -> None:
    """A client of either era is answered in its own revision, with instructions that say what unknown means."""

    async def work(client: Client) -> tuple[str, str | None, Any]:
        return client.protocol_version, client.instructions, await client.call_tool("venue_rule", {"venue": "okx"})

    spoken, instructions, result = use(work, mode=mode)
    assert (spoken, instructions) == (version, INSTRUCTIONS)
    assert "Unknown is not low" in INSTRUCTIONS
    assert result.structured_content["id"] == "okx"


def test_list_is_small_and_the_same_everywhere(listed: dict[str, Any]) -> None:
    """The list has the eight tools in less than 60 KiB, whichever way it is asked for."""
    assert list(listed) == [
        "score_position", "score_account", "rank_in_queue", "what_an_adl_takes", "plan_way_out", "exposure",
        "venue_rule", "classify_fill",
    ]  # fmt: skip
    sent = [tool.model_dump(by_alias=True, exclude_none=True, mode="json") for tool in listed.values()]
    assert len(json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode()) < 60 * 1024


def test_tools_only_read_and_say_what_unknown_means(listed: dict[str, Any]) -> None:
    """Each tool is marked as reading only, and its description says that unknown is not low and what is needed."""
    for tool in listed.values():
        hints = tool.annotations
        assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint) == (True, False, True)
        assert "Unknown is not low" in tool.description
        assert "Needs" in tool.description
        assert "Example: {" in tool.description


def test_schemas_need_no_references(listed: dict[str, Any]) -> None:
    """Each schema is valid, has an object at its top, and nothing in it refers to anything."""
    for tool in listed.values():
        for schema in (tool.input_schema, tool.output_schema):
            jsonschema_rs.validator_for(schema)
            assert schema["type"] == "object"
            assert not {"oneOf", "anyOf", "allOf"} & set(schema)
            assert "$ref" not in json.dumps(schema)


def test_schemas_leave_out_fields_of_programs(listed: dict[str, Any]) -> None:
    """No schema has the columns of a book, and nothing may be sent that a schema does not have."""
    for tool in TOOLS:
        schema = listed[tool.name].input_schema
        assert schema["additionalProperties"] is False
        assert not [field for field in tool.without if f'"{field}": {{' in json.dumps(schema)]


def test_examples_of_descriptions_are_answered(use: Use, listed: dict[str, Any]) -> None:
    """The example in each description fits the input schema, and its answer the output schema."""
    for tool in TOOLS:
        jsonschema_rs.validate(listed[tool.name].input_schema, json.loads(tool.example))
    for tool, result in zip(TOOLS, call(use, *((tool.name, json.loads(tool.example)) for tool in TOOLS)), strict=True):
        assert not result.is_error, tool.name
        jsonschema_rs.validate(listed[tool.name].output_schema, result.structured_content)
        assert json.loads(result.content[0].text) == result.structured_content


def test_tools_answer_what_the_api_answers(use: Use, served: RunningServer, listed: dict[str, Any]) -> None:
    """The examples of the API fit the schemas, and have the API's answers to the last digit."""
    asked = [(name, of, example(f"{of}.request")) for name, examples in EXAMPLES.items() for of in examples]
    for name, of, arguments in asked:
        if of not in OF_PROGRAMS:
            jsonschema_rs.validate(listed[name].input_schema, arguments)
    results = call(use, *((name, arguments) for name, _, arguments in asked), ("venue_rule", {"venue": "binanceusdm"}))
    with httpx.Client(base_url=served.url, timeout=60) as api:
        for (name, _, arguments), result in zip(asked, results[:-1], strict=True):
            assert not result.is_error, result
            answered = api.post(PATHS[name], json=arguments)
            assert without_age(result.structured_content) == without_age(answered.json()), name
        card = results[-1].structured_content
        assert without_age(card) == without_age(api.get("/venues/binanceusdm").json())


WRONG = {
    "a field is missing": ("score_position", {"position": {"side": "long"}}),
    "a word is another one": ("score_position", {"position": {**POSITION, "side": "sell"}}),
    "a number is text": ("what_an_adl_takes", {"position": {**POSITION, "size": "10"}, "close": {"fraction": 0.5}}),
    "a field is not one": ("plan_way_out", {"position": {**POSITION, "entryPrice": 1}, "target": "low"}),
    "a venue is unknown": ("score_position", {"venue": "binanse", "position": POSITION}),
    "a venue has no queue": ("rank_in_queue", {"venue": "paradex", "mark_price": 1, "positions": [
        {"id": "a", "side": "long", "size": 1, "entry_price": 1, "margin": 1}]}),
    "an input is missing": ("exposure", {"venue": "bitmex", "mark_price": 100, "positions": [], "moves": {}}),
    "there are no fills": ("classify_fill", {"venue": "okx", "fills": []}),
    "two legs have an id": ("score_account", {"venue": "okx", "positions": [
        {"id": "a", "side": "long", "size": 1, "entry_price": 1, "mark_price": 1}] * 2}),
    "a number is infinite": ("score_position", {"position": {**POSITION, "size": 1e999}}),
    "a number is huge": ("score_position", {"position": {**POSITION, "size": 10**400}}),
    "a text is half an emoji": ("score_position", {"symbol": "\ud83d", "position": POSITION}),
    "it is nested deeply": ("classify_fill", {"venue": "okx", "fills": json.loads("[" * 150 + "]" * 150), "x": 1}),
}  # fmt: skip


def test_problems_are_tool_errors_in_the_words_of_the_api(use: Use, served: RunningServer) -> None:
    """What the API refuses is an error of the tool, with the API's problem, and its words and pointers as text."""
    sent = [(name, arguments) for name, arguments in WRONG.values() if _is_text(arguments)]
    results = call(use, *sent)
    with httpx.Client(base_url=served.url) as api:
        for (name, arguments), result in zip(sent, results, strict=True):
            body = json.dumps(arguments)
            problem = api.post(PATHS[name], content=body, headers={"content-type": "application/json"}).json()
            assert result.is_error, (name, result)
            assert told(result) == {key: part for key, part in problem.items() if key != "instance"}
            assert problem["detail"] in result.content[0].text
            assert all(error["pointer"] in result.content[0].text for error in problem["errors"])


def _is_text(arguments: Any) -> bool:
    """Whether the client can send them."""
    try:
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def test_problems_of_a_venue_are_those_of_its_path(use: Use, served: RunningServer) -> None:
    """A venue that there is no card of is the API's 404; one that is left out is named."""
    unknown, missing = call(use, ("venue_rule", {"venue": "nowhere/../x"}), ("venue_rule", {}))
    problem = httpx.get(f"{served.url}/venues/nowhere").json()
    assert (unknown.is_error, unknown.structured_content["status"]) == (True, 404)
    assert unknown.structured_content["type"] == problem["type"]
    assert missing.structured_content["errors"] == [{"pointer": "/venue", "detail": "required, but missing"}]


def test_legs_that_cannot_be_read_hide_nothing(use: Use, transport: Transport) -> None:
    """Over HTTP a wrong leg is a problem in its place, as in the API; the program refuses all, as the library."""
    legs = [{"id": "a", "side": "long", "size": 1, "entry_price": 1, "mark_price": 1}, {"id": "b", "side": "sell"}]
    (result,) = call(use, ("score_account", {"venue": "okx", "wallet_balance": 5, "positions": legs}))
    content = result.structured_content
    problem = content if transport == "program" else content["positions"][1]
    assert result.is_error is (transport == "program")
    assert problem["type"] == "/problems/invalid-request"
    assert problem["errors"][0]["pointer"].startswith("/positions/1/")


def test_unknown_tools_are_errors_of_the_protocol(use: Use) -> None:
    """A tool that is none is `-32602` with the names of those that are, and the next call is answered."""

    async def work(client: Client) -> Any:
        with pytest.raises(MCPError, match="There is no tool 'score'; there are score_position") as raised:
            await client.call_tool("score", {})
        assert raised.value.error.code == -32602
        return await client.call_tool("venue_rule", {"venue": "okx"})

    assert not use(work).is_error


def test_calls_at_once_have_their_own_answers(use: Use) -> None:
    """Of thirty calls in flight at once each gets the answer to its own arguments."""
    sizes = range(1, 31)

    async def work(client: Client) -> list[Any]:
        calls = (client.call_tool("score_position", {"position": {**POSITION, "size": size}}) for size in sizes)
        return await asyncio.gather(*calls)

    for size, result in zip(sizes, use(work), strict=True):
        assert result.structured_content["state"]["notional"] == size * 1800.0
