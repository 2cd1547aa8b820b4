"""Memory and modules of a service after its first score."""

import json
import subprocess
import sys

from support.running import EXAMPLES

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from adlrisk.__main__ import main
from adlrisk.api.app import create_app
from adlrisk.api.server.serve import server_config
from adlrisk.settings import Settings

app = create_app(Settings(log_level="error"))
server_config(app, host="127.0.0.1", port=0, settings=Settings(), log_config=None).load()
body, sent = Path(sys.argv[1]).read_bytes(), []
scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/score",
         "raw_path": b"/score", "query_string": b"", "root_path": "", "scheme": "http", "client": None, "server": None,
         "headers": [(b"content-type", b"application/json")]}

async def receive():
    return {"type": "http.request", "body": body, "more_body": False}

async def send(message):
    sent.append(message)

asyncio.run(app(scope, receive, send))
status = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
print(json.dumps([sent[0]["status"], sorted(sys.modules), int(status.split()[1]) / 1024]))
"""


def test_a_score_loads_no_modules_of_books_or_limits() -> None:
    """A service that only scores neither loads numpy nor holds it in memory: it stays under 90 MB."""
    program = [sys.executable, "-c", PROGRAM, str(EXAMPLES / "score.request.json")]
    ran = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    status, modules, megabytes = json.loads(ran.stdout)
    assert status == 200
    assert {"litestar", "msgspec", "prometheus_client", "httptools"} <= set(modules)
    assert {"numpy", "limits", "redis", "matplotlib", "hypothesis"}.isdisjoint(modules)
    # Dependencies of Litestar that docs/deployment.md calls unused; rich is loaded by structlog, for a format not ours.
    assert {"faker", "httpx", "litestar_htmx", "polyfactory", "rich_click"}.isdisjoint(modules)
    assert 20.0 < megabytes < 90.0


SERVED = """
import gc, os, signal, threading, time
from adlrisk.api.server.serve import serve
from adlrisk.settings import Settings

def look():
    while not gc.get_freeze_count():
        time.sleep(0.01)
    print(gc.get_freeze_count(), len(gc.get_objects()), flush=True)  # the signal ends the process without cleanup
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=look, daemon=True).start()
serve(host="127.0.0.1", port=0, settings=Settings(log_level="error"))
"""


def test_loaded_objects_are_frozen() -> None:
    """Once the server has started, the garbage collector skips nearly all objects."""
    ran = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, text=True, timeout=60, check=False)
    frozen, searched = map(int, ran.stdout.split())
    assert frozen > 10 * searched
