"""The committed OpenAPI document and examples match the code."""

import asyncio
import json
import re
from typing import Any

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.venues.catalogue import load_catalogue
from support.running import EXAMPLES, ROOT, load_script, path_of

WRITER = load_script(ROOT / "openapi" / "write.py")
COMMITTED: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, found) for path, item in COMMITTED["paths"].items() for method, found in item.items()]


def test_committed_document_is_current() -> None:
    """`make generated` would change nothing, and the service serves the same document."""
    assert (ROOT / "openapi" / "openapi.json").read_bytes() == WRITER.document()


def test_service_serves_the_committed_document(client: httpx.Client) -> None:
    """/openapi.json is openapi/openapi.json."""
    assert client.get("/openapi.json").json() == COMMITTED


def test_committed_answers_are_current() -> None:
    """Each example's answer is the service's answer to its request."""
    answers = asyncio.run(WRITER.answers())
    for name, content in answers.items():
        assert (ROOT / "openapi" / name).read_bytes() == content, f"{name}: run make generated"
    on_disk = {f"examples/{path.name}" for path in EXAMPLES.glob("*.answer.json")}
    assert on_disk == set(answers)


@pytest.mark.parametrize(
    "name", sorted(path.name.removesuffix(".request.json") for path in EXAMPLES.glob("*.request.json"))
)
def test_service_answers_each_example_as_documented(client: httpx.Client, admin: httpx.Client, name: str) -> None:
    """An example's request, sent to the service, gets the example's answer."""
    (endpoint,) = [found for found in ENDPOINTS if found.body and name in found.body.examples]
    request = json.loads((EXAMPLES / f"{name}.request.json").read_bytes())
    answer = json.loads((EXAMPLES / f"{name}.answer.json").read_bytes())
    asked = client if endpoint.access == "read" else admin
    response = asked.request(endpoint.method, path_of(endpoint), json=request, headers={"x-request-id": "example-1"})
    assert response.status_code == 200
    assert response.json() == answer


def test_every_endpoint_is_described() -> None:
    """Each operation has its own id, a summary, a description, answers, and a 500."""
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    assert {(path, method) for path, method, _ in operations() if method != "head"} == {
        (endpoint.path, endpoint.method.lower()) for endpoint in ENDPOINTS
    }
    for path, method, operation in operations():
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert "200" in operation["responses"]
        assert "500" in operation["responses"]
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_links_lead_from_each_change_to_its_resource() -> None:
    """A link names an operation and its parameters; after PATCH and PUT there is one to the GET."""
    parameters = {
        operation["operationId"]: {parameter["name"] for parameter in operation.get("parameters", [])}
        for _, _, operation in operations()
    }
    links = {
        operation["operationId"]: operation["responses"]["200"].get("links", {}) for _, _, operation in operations()
    }
    for link in (link for found in links.values() for link in found.values()):
        assert set(link["parameters"]) <= parameters[link["operationId"]], link
    assert set(links["patchVenue"]) == {"getVenue", "resetVenue"}
    assert set(links["putMarket"]) == {"getMarket"}


def sent_schemas() -> dict[str, dict[str, Any]]:
    """Return the object schemas of requests."""
    schemas = COMMITTED["components"]["schemas"]
    found: dict[str, dict[str, Any]] = {}
    waiting = [endpoint.body.type.__name__ for endpoint in ENDPOINTS if endpoint.body]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += re.findall(r"#/components/schemas/(\w+)", json.dumps(schemas[name]))
    return {name: schema for name, schema in found.items() if "properties" in schema}


def numbers_of(schema: Any) -> list[dict[str, Any]]:
    """Return every schema of a number within ``schema``."""
    if isinstance(schema, list):
        return [number for part in schema for number in numbers_of(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") in ("number", "integer") and len(schema) > 1 else []
    return own + [number for key, part in schema.items() if key != "properties" for number in numbers_of(part)]


def test_every_request_field_is_described_and_bounded() -> None:
    """Requests reject unknown fields, every field has a description, and every number has bounds."""
    some = {"ScoreRequest", "Position", "Market", "RankRequestWithPositions", "BookPosition", "BookColumns"}
    assert some <= set(sent_schemas())
    for name, schema in sent_schemas().items():
        assert schema["additionalProperties"] is False, name
        for field, part in schema["properties"].items():
            assert any("description" in place for place in (part, *part.get("anyOf", []))), (name, field)
            for number in numbers_of(part):
                assert "minimum" in number or "exclusiveMinimum" in number, (name, field)
                assert "maximum" in number or "exclusiveMaximum" in number, (name, field)


def test_enums_and_integers_are_typed() -> None:
    """Code generators get the right type: enums have one, and whole numbers are integers."""
    schemas = COMMITTED["components"]["schemas"]
    optional = schemas["RankRequestWithPositions"]["properties"]["top"]["anyOf"]
    (top,) = [part for part in optional if part["type"] != "null"]
    assert top["type"] == "integer"
    for part in re.findall(r"\{[^{}]*\"enum\"[^{}]*\}", json.dumps(schemas)):
        assert json.loads(part)["type"] == "string", part


def test_venue_is_an_enum_of_the_catalogue() -> None:
    """Clients can generate the list of venues, ccxt's names for them included."""
    aliases = {
        *("binanceusdm", "binancecoinm", "coinbaseinternational", "krakenfutures", "kucoinfutures"),
        *("deepcoin", "modetrade", "poloniex", "woo", "woofipro", "xt"),  # of cards of several exchanges
    }
    assert COMMITTED["components"]["schemas"]["VenueId"]["enum"] == sorted([*load_catalogue(), *aliases])
    assert COMMITTED["components"]["schemas"]["ScoreRequest"]["properties"]["venue"]["$ref"].endswith("/VenueId")


def test_every_problem_is_documented() -> None:
    """Each type is in the responses of an operation, except those that any path can have."""
    everywhere = {"method-not-allowed", "bad-request"}
    of_pages = {"foreign-form", "foreign-origin"}  # and of /mcp, which the document leaves out
    described = json.dumps([operation["responses"] for _, _, operation in operations()])
    for slug in set(PROBLEMS) - everywhere - of_pages:
        assert f"`{slug}`" in described, slug
