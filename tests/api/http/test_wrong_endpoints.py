"""Messages about a body that belongs to another endpoint, and about one that ends too early."""

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from adlrisk.__main__ import main
from adlrisk.api.app import ENDPOINTS
from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.api.endpoints.fills.schema import FillsRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresRequest
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.repairs.endpoints import BODIES
from adlrisk.api.http.validation import decode_body
from support.running import ROOT, example

KINDS: dict[str, type] = {
    "POST /score": ScoreRequest,
    "POST /scores": ScoresRequest,
    "POST /account": AccountRequest,
    "POST /fills/classify": FillsRequest,
}
EXAMPLES = {
    "POST /score": "score",
    "POST /scores": "scores",
    "POST /account": "account-hedge",
    "POST /fills/classify": "fills-classify",
}


def refuse(kind: type, body: bytes, codec: codecs.Codec = codecs.JSON) -> ProblemError:
    """The problem with a body."""
    with pytest.raises(ProblemError) as refused:
        decode_body(codec.build_decoder(kind), body)
    return refused.value


@pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=["JSON", "MessagePack"])
@pytest.mark.parametrize("meant", KINDS)
@pytest.mark.parametrize("called", KINDS)
def test_a_body_of_another_endpoint_is_named_as_such(codec: codecs.Codec, called: str, meant: str) -> None:
    """Each example is refused by every other endpoint with the name of its own, and accepted there."""
    body = codec.encode(example(f"{EXAMPLES[meant]}.request"))
    if called == meant:
        decode_body(codec.build_decoder(KINDS[called]), body)
        return
    (error,) = refuse(KINDS[called], body, codec).errors
    assert error.detail == f"unknown field: this looks like a body of {meant}"


def test_no_other_endpoint_takes_what_is_named() -> None:
    """By the schemas: a body with the fields of one that is named, and no others, lacks something everywhere else."""
    for endpoint, kind in KINDS.items():
        own = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert own == {BODIES[endpoint].field, *BODIES[endpoint].others}
        for other in ENDPOINTS:
            if other.method != "POST" or other.body is None or f"POST {other.path}" == endpoint:
                continue
            fields = msgspec.structs.fields(other.body.type)
            assert {field.encode_name for field in fields if field.required} - own, (endpoint, other.path)


SCORE: dict[str, Any] = example("score.request")


@pytest.mark.parametrize(
    ("kind", "body", "pointer", "detail"),
    [
        (ScoreRequest, {**SCORE, "colour": 1}, "/colour", "unknown field"),
        (AccountRequest, {**SCORE, "colour": 1}, "/symbol", "unknown field"),
        (AccountRequest, {"venue": "okx", "position": {}}, "/position", "unknown field: did you mean `positions`?"),
        (ScoreRequest, {"venue": "okx", "positions": SCORE["position"]}, "/positions",
         "unknown field: did you mean `position`?"),
        (ScoreRequest, {"items": [], "detail": "full"}, "/items", "unknown field"),
        (ScoreRequest, {"position": {"positions": [1]}}, "/position/positions", "unknown field"),
    ],
)  # fmt: skip
def test_no_endpoint_is_named_in_doubt(kind: type, body: dict[str, Any], pointer: str, detail: str) -> None:
    """A field of no endpoint, a value of another kind, an empty one, or a mistake further inside."""
    (error,) = refuse(kind, msgspec.json.encode(body)).errors
    assert (error.pointer, error.detail) == (pointer, detail)


@pytest.mark.parametrize(("command", "sent", "meant"), [
    ("score", "account-hedge", "account"), ("account", "score", "score"), ("score", "scores", "scores"),
])  # fmt: skip
def test_the_command_line_names_the_endpoint(command: str, sent: str, meant: str) -> None:
    """In the one line of its error."""
    path = ROOT / "openapi" / "examples" / f"{sent}.request.json"
    result = CliRunner().invoke(main, [command, str(path)])
    assert result.exit_code == 1
    assert f"unknown field: this looks like a body of POST /{meant}" in result.output


@pytest.mark.parametrize("body", ['{"a":', '{"position": {"side": "up"', '{"a": 1', '{"a": 1}}', "[1, 2"])
def test_a_body_that_ends_too_early_is_malformed(body: str) -> None:
    """Also where a field before its end is unknown or wrong: that may be of the same slip."""
    problem = refuse(ScoreRequest, body.encode())
    assert problem.slug == "malformed-body"


def test_a_number_out_of_range_is_no_malformed_body() -> None:
    """The grammar allows it, so the field is named."""
    assert refuse(ScoreRequest, b'{"a": 1e999}').slug == "invalid-request"
