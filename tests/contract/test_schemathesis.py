"""The whole HTTP surface, fuzzed against the service's own OpenAPI document with all checks on."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import schemathesis
from hypothesis import HealthCheck, settings

from adlrisk.api.app import create_app
from running import ROOT, WRITABLE, RunningServer

CONFIG = Path(__file__).with_name("schemathesis.toml")  # it loads the hooks that teach MessagePack

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
    program = (sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG))
    with RunningServer(WRITABLE, log=io.StringIO()) as server:
        run = subprocess.run(
            [*program, "run", f"{server.url}/openapi.json", "--no-color", "--checks", "all", "--workers", "1"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout, run.stdout[-2000:]
