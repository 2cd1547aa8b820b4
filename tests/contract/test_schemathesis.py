"""The whole HTTP surface, fuzzed against the service's own OpenAPI document with all checks on."""

import re
from typing import Any

import msgspec
import schemathesis
from hypothesis import HealthCheck, settings

from adlrisk.api.app import create_app
from support.contract.campaign import CONFIG, run_against_a_server
from support.running import WRITABLE

schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    create_app(msgspec.structs.replace(WRITABLE, log_level="error")),
    config=schemathesis.Config.from_path(CONFIG),
)


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_keeps_the_contract(case: schemathesis.Case[Any]) -> None:
    """No request makes a 500 or an answer that the document does not describe."""
    case.call_and_validate()


def test_the_live_server_keeps_the_contract() -> None:
    """The same over a socket, in all phases, as a client of a running server that it may change."""
    run = run_against_a_server()
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout, run.stdout[-2000:]
    assert re.search(r"API Links: +[1-9][0-9]* covered", run.stdout), "no sequence of requests was tried"
