"""What importing the client loads."""

import subprocess
import sys

FORBIDDEN = (
    "litestar", "redis", "uvicorn", "structlog", "prometheus_client", "numpy", "orjson", "cachetools", "limits",
    "click", "httptools",
    "uvloop", "ccxt", "adlrisk.api.dispatch", "adlrisk.api.app", "adlrisk.telemetry", "adlrisk.settings",
)  # fmt: skip
CALLS_A_SERVICE = """
import sys
import httpx2
import msgspec
import adlrisk.client

def answer(request):
    body = msgspec.msgpack.encode({"venues": []})
    return httpx2.Response(200, content=body, headers={"content-type": "application/msgpack"})

with adlrisk.client.Client("http://x", transport=httpx2.MockTransport(answer)) as client:
    assert client.venues().venues == []
print(*sys.modules)
"""


def test_client_loads_nothing_of_the_service() -> None:
    """In a fresh interpreter, importing it and making a call load no framework, store, server, telemetry or numpy."""
    done = subprocess.run(
        [sys.executable, "-c", CALLS_A_SERVICE], capture_output=True, text=True, timeout=120, check=True
    )
    loaded = set(done.stdout.split())
    assert "adlrisk.client.client" in loaded
    assert loaded.isdisjoint(FORBIDDEN)


def test_client_without_its_extra_says_what_to_install() -> None:
    """Where httpx2 is not installed, the error names the extra."""
    hidden = "import sys; sys.modules['httpx2'] = None; import adlrisk.client"
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "pip install 'adlrisk[client]'" in done.stderr.splitlines()[-1]
