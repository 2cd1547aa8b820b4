"""What generated clients need of the OpenAPI document; `make clients` generates and runs some."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.http import codecs
from support.running import ROOT

DOCUMENT: Final[dict[str, Any]] = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
SCHEMAS: Final[dict[str, dict[str, Any]]] = DOCUMENT["components"]["schemas"]
ENUMS: Final = {name for name, schema in SCHEMAS.items() if "enum" in schema}
SAYING: Final = {"description", "title"}  # keywords that constrain nothing
OPERATIONS: Final = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def schemas_within(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in ``part``, examples apart: all schemas, and the rest of the document's objects."""
    if isinstance(part, list):
        for member in part:
            yield from schemas_within(member)
    if isinstance(part, dict):
        yield part
        for key, member in part.items():
            if key not in ("example", "examples", "mapping"):
                yield from schemas_within(member)


def components_of(part: Any) -> set[str]:
    """The names of all components that ``part`` refers to, by way of others too."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        names = {schema["$ref"].rpartition("/")[2] for schema in schemas_within(waiting.pop()) if "$ref" in schema}
        waiting += [SCHEMAS[name] for name in names - found]
        found |= names
    return found


SENT: Final = components_of(
    [[operation.get("requestBody", {}), operation.get("parameters", [])] for _, operation in OPERATIONS]
)
ANSWERED: Final = components_of([operation["responses"] for _, operation in OPERATIONS])


def test_each_component_is_used() -> None:
    """Nothing is generated that no operation needs."""
    assert set(SCHEMAS) == SENT | ANSWERED
    assert {"Position", "RankRequestWithColumns", "Side"} <= SENT
    assert {"ScoredLeg", "Problem", "Band"} <= ANSWERED


def test_references_stand_alone() -> None:
    """Nothing beside a `$ref` constrains; else generators make a copy of the component for each such place."""
    for schema in schemas_within(DOCUMENT):
        if "$ref" in schema:
            assert schema.keys() - SAYING == {"$ref"}, schema


def test_choices_stand_alone() -> None:
    """No `anyOf` or `oneOf` stands beside properties, and each of its members is a type, not a mere condition."""
    choices = [schema for schema in schemas_within(SCHEMAS) if {"anyOf", "oneOf"} & schema.keys()]
    assert len(choices) > 100
    for schema in choices:
        (keyword,) = schema.keys() - SAYING - {"discriminator"}
        assert all("$ref" in member or "type" in member for member in schema[keyword]), schema


def test_choices_of_objects_exclude_each_other() -> None:
    """A choice of several components with properties is a `oneOf`; of an `anyOf`, generators mix the properties."""
    for schema in schemas_within(SCHEMAS):
        members = [SCHEMAS[member["$ref"].rpartition("/")[2]] for member in schema.get("anyOf", []) if "$ref" in member]
        assert sum("enum" not in member for member in members) <= 1, schema


def test_examples_are_valid() -> None:
    """Every example of a body or an answer, and of a parameter, is what its schema says, formats included."""
    examples = [
        (content["schema"], example["value"])
        for _, operation in OPERATIONS
        for place in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in place.get("content", {}).values()
        for example in content.get("examples", {}).values()
    ] + [
        (parameter["schema"], parameter["example"])
        for _, operation in OPERATIONS
        for parameter in operation.get("parameters", [])
    ]
    assert len(examples) > 40
    for schema, example in examples:
        whole = {**schema, "components": DOCUMENT["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        assert [error.message for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("name", ["RankRequest", "AllocateRequest", "SimulateRequest", "Close", "Depth"])
def test_choice_between_fields_is_a_choice_of_components(name: str) -> None:
    """Each alternative requires its own field and has none of the others, so exactly one matches."""
    alternatives = {
        "Close": {"size", "fraction"},
        "Depth": {"levels", "bids", "asks", "size_for_one_percent"},
    }.get(name, {"positions", "columns"})
    members = [SCHEMAS[member["$ref"].rpartition("/")[2]] for member in SCHEMAS[name]["oneOf"]]
    assert [alternatives & set(member["properties"]) for member in members] == [
        alternatives & set(member["required"]) for member in members
    ]
    assert sorted(field for member in members for field in alternatives & set(member["properties"])) == sorted(
        alternatives
    )
    assert all(member["additionalProperties"] is False for member in members)


def test_enums_are_components_with_different_values() -> None:
    """Each enum has one name, so that a client has one type of it; only the tag of a union has its value in place."""
    values = [tuple(SCHEMAS[name]["enum"]) for name in ENUMS]
    assert len(values) == len(set(values)) > 30
    tags = {id(schema) for name in tagged_members() for schema in [SCHEMAS[name]["properties"]["scale"]]}
    unnamed = [schema for name in set(SCHEMAS) - ENUMS for schema in schemas_within(SCHEMAS[name]) if "enum" in schema]
    assert {id(schema) for schema in unnamed} == tags
    assert not [schema for schema in schemas_within(DOCUMENT["paths"]) if "enum" in schema]


def tagged_members() -> list[str]:
    """The components that a discriminator tells apart."""
    return [
        target.rpartition("/")[2]
        for schema in schemas_within(SCHEMAS)
        if "discriminator" in schema
        for target in schema["discriminator"]["mapping"].values()
    ]


def test_enums_of_answers_are_open() -> None:
    """Wherever an answer has an enum, it may have any other text, so that a new value breaks no client."""
    opened = 0
    for name in ANSWERED - ENUMS:
        for schema in schemas_within(SCHEMAS[name]):
            for place in [schema, *schema.get("properties", {}).values()]:
                assert place.get("$ref", "").rpartition("/")[2] not in ENUMS or place in choices_within(SCHEMAS[name])
        for members in (choice["anyOf"] for choice in schemas_within(SCHEMAS[name]) if "anyOf" in choice):
            if any(member.get("$ref", "").rpartition("/")[2] in ENUMS for member in members):
                assert {"type": "string"} in members, name
                opened += 1
    assert opened > 30


def choices_within(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The members of all choices in ``schema``."""
    return [member for part in schemas_within(schema) for member in part.get("anyOf", [])]


def test_enums_of_requests_are_closed() -> None:
    """Wherever a request has an enum, no other text is in its place."""
    for name in SENT - ENUMS:
        for choice in schemas_within(SCHEMAS[name]):
            members = choice.get("anyOf", [])
            if any(member.get("$ref", "").rpartition("/")[2] in ENUMS for member in members):
                assert {"type": "string"} not in members, name


def test_answers_may_gain_fields_and_requests_may_not() -> None:
    """No answer forbids further fields; those that a request has too are parts of market records and of cards."""
    parts = {"MaintenanceTier", "Entry", "LeverageShare"}
    assert parts == (SENT & ANSWERED) - ENUMS
    closed = {name for name in SCHEMAS if SCHEMAS[name].get("additionalProperties") is False}
    assert closed & ANSWERED == parts


def test_no_field_of_a_request_has_a_default() -> None:
    """To openapi-typescript a field with a default is required; so descriptions say what the default is."""
    for name in SENT:
        for field, schema in SCHEMAS[name].get("properties", {}).items():
            assert "default" not in schema, (name, field)
    for name, field, default in (
        ("Position", "contract", "linear"),
        ("Position", "contract_size", "1.0"),
        ("ScoreRequest", "venue", "generic"),
        ("AllocateRequestWithColumns", "policies", '["venue"]'),
        ("RankRequestWithPositions", "layout", "rows"),
    ):
        assert SCHEMAS[name]["properties"][field]["description"].endswith(f" Default: `{default}`."), (name, field)


def test_tagged_unions_have_a_discriminator() -> None:
    """The values of the tag lead to the members, each of which requires the tag with its own value only."""
    union = SCHEMAS["VenueCardMeter"]
    assert {member["$ref"] for member in union["oneOf"]} == set(union["discriminator"]["mapping"].values())
    assert len(tagged_members()) == 2
    for value, target in union["discriminator"]["mapping"].items():
        member = SCHEMAS[target.rpartition("/")[2]]
        assert member["properties"]["scale"]["enum"] == [value]
        assert "scale" in member["required"]


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_operation_says_who_may_call_it(name: str, operation: dict[str, Any]) -> None:
    """An operation for everybody has an empty list, one that needs a key at times has it as an alternative to none."""
    own_id = operation["operationId"].removesuffix("Head")
    access = next(found.access for found in ENDPOINTS if found.operation_id == own_id)
    expected: dict[str, list[Any]] = {"open": [], "read": [{}, {"bearer": []}, {"header": []}]}
    assert operation["security"] == expected.get(access, [{"bearer": []}, {"header": []}]), name


def test_document_has_contact_licence_and_described_tags() -> None:
    """The document says whom to ask, under which licence, and what each group of operations is for."""
    assert DOCUMENT["info"]["contact"]["name"]
    assert DOCUMENT["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"].endswith(".")}
    assert described == {tag for _, operation in OPERATIONS for tag in operation["tags"]}


def test_request_bodies_are_those_that_generators_write() -> None:
    """Bodies are listed as JSON only; that each may be MessagePack, and under which names, is told in words."""
    bodies = [operation["requestBody"] for _, operation in OPERATIONS if "requestBody" in operation]
    assert len(bodies) == 12
    for body in bodies:
        assert "application/json" in body["content"]
        assert all(re.fullmatch(r"application/(merge-patch\+)?json", media) for media in body["content"])
        assert re.findall(r"`([^`]+)`", body["description"]) == list(codecs.MSGPACK.media_types)
