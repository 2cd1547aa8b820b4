"""`adlrisk mcp` as a program: what it needs, what it imports, and how it ends."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from mcp import Client

from adlrisk.mcp.tools import TOOLS
from support.mcp_calls import use_program
from support.running import ROOT

SERVER = ("litestar", "structlog", "prometheus_client", "redis", "limits", "cachetools", "htpy")


def run(code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "service",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_it_says_what_to_install() -> None:
    """Without the extra it ends with one line that has the command to install it."""
    block = "import sys; sys.modules['mcp'] = sys.modules['mcp_types'] = None; sys.argv[1:] = ['mcp']"
    ended = run(f"{block}; from adlrisk.__main__ import main; main()")
    assert ended.returncode == 1
    assert ended.stdout == b""
    (line,) = ended.stderr.decode().splitlines()
    here, _, elsewhere = line.partition(" (")
    assert re.fullmatch(r"Error: mcp\S* is not installed; run `make \.venv/mcp` in the project's folder", here)
    assert elsewhere == "elsewhere: `pip install 'adlrisk[mcp]'`)"


def test_service_says_what_to_install() -> None:
    """Switched on without the extra, the service does not start, and says why."""
    block = "import sys; sys.modules['mcp'] = sys.modules['mcp_types'] = None"
    ended = run(f"{block}; from adlrisk.api.app import create_app; from adlrisk.settings import Settings; "
                "create_app(Settings(mcp='on'))")  # fmt: skip
    assert "ADLRISK_MCP: mcp" in ended.stderr.decode().splitlines()[-1]
    assert "pip install 'adlrisk[mcp]'" in ended.stderr.decode()


def test_service_imports_nothing_of_it_unless_switched_on() -> None:
    """The service as it is by default has neither the SDK nor the tools in memory."""
    ended = run(
        "import sys; from adlrisk.api.app import create_app; create_app(); "
        "print([name for name in ('mcp', 'mcp_types', 'adlrisk.mcp') if name in sys.modules])"
    )
    assert ended.stdout.strip() == b"[]", ended.stderr


def test_program_needs_nothing_of_the_service() -> None:
    """It answers every tool where the service's dependencies are not installed."""

    async def work(client: Client) -> list[Any]:
        return [await client.call_tool(tool.name, json.loads(tool.example)) for tool in TOOLS]

    assert [result.is_error for result in use_program(work, hidden=SERVER)] == [False] * len(TOOLS)


def test_large_arguments_are_a_problem() -> None:
    """Arguments beyond the limit of the settings are an error of the tool, and the next call is answered."""

    async def work(client: Client) -> tuple[Any, Any]:
        large = await client.call_tool("classify_fill", {"venue": "okx", "fills": [{"x": "y" * 3000}]})
        return large, await client.call_tool("classify_fill", {"venue": "okx", "fills": [{}]})

    large, next_one = use_program(work, environ={"ADLRISK_MAX_BOOK_BYTES": "2048"})
    assert (large.is_error, large.structured_content["type"]) == (True, "/problems/body-too-large")
    assert not next_one.is_error


@pytest.mark.parametrize("name", ["ADLRISK_MAX_BOOK_BYTES", "ADLRISK_CARDS_DIR"])
def test_settings_that_cannot_be_used_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that is wrong ends it with one line that names the variable."""
    monkeypatch.setenv(name, "/there/is/nothing")
    ended = run("import sys; sys.argv[1:] = ['mcp']; from adlrisk.__main__ import main; main()")
    assert ended.returncode == 1
    assert ended.stderr.decode().startswith(f"Error: {name}: ")
    assert len(ended.stderr.splitlines()) == 1
