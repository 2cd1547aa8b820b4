"""The service on a real server in a thread, and what every error must look like."""

import contextlib
import importlib.util
import io
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal, Self

import httpx
import uvicorn

from adlrisk.api.app import create_app
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.api.server.serve import server_config
from adlrisk.settings import Settings
from adlrisk.settings.key_files import KeyFiles

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "openapi" / "examples"
Dispatch = Literal["fast", "router"]  # as shipped, and by Litestar's router alone
# Of Python and of the decoder, which say nothing to who sends JSON; what a client sent may be quoted.
FOREIGN_WORDS = re.compile(
    r"`(?:str|float|int|bool|None|dict|list|object|array)\b|\bExpected\b|matching regex|NoneType"
)
QUOTED = re.compile(r"'[^']*'")
WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
ADMIN_KEY, WRITE_KEY, API_KEY = "an-admin's-key", "a-collector's-key", "a-bot's-key"
WRITABLE = Settings(admin_keys=digest_key(ADMIN_KEY), write_keys=digest_key(WRITE_KEY))


class RunningServer:
    """The service on uvicorn, its clock standing still on a Wednesday unless told, its log lines in ``log``.

    With a ``dispatch`` of ``router``, Litestar's router gets every request, and no shortcut is taken before it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        log: io.StringIO,
        clock: Callable[[], datetime] = lambda: WEDNESDAY,
        dispatch: Dispatch = "fast",
        key_files: KeyFiles | None = None,
    ) -> None:
        self.log = log
        self.app = create_app(
            settings,
            clock=clock,
            log=log,
            shortcuts=dispatch == "fast",
            key_files=key_files,
        )
        config = server_config(self.app, host="127.0.0.1", port=0, settings=settings, log_config=None)
        self._server = uvicorn.Server(config)
        # A daemon, so that a server that does not end fails its test and does not keep the tests from ending.
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 30.0
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.005)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(30.0)
        assert not self._thread.is_alive(), "the server did not end"

    @property
    def worker(self) -> int | None:
        """The process of its worker, where it has one."""
        worker = self.app.context.worker_pool._worker  # noqa: SLF001 (no other name leads to the process)
        return None if worker is None else worker._process.pid  # noqa: SLF001

    @property
    def unread_bytes(self) -> int:
        """What waits in the service for its clients to read it."""
        connections: set[Any] = self._server.server_state.connections
        return sum(connection.transport.get_write_buffer_size() for connection in list(connections))

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@contextlib.contextmanager
def serving(**settings: Any) -> Iterator[tuple[RunningServer, httpx.Client]]:
    """A server of its own with these settings, and a client of it."""
    with (
        RunningServer(Settings(**settings), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield server, client


def load_script(path: Path) -> ModuleType:
    """A script of the repository as a module, without running it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def path_of(endpoint: Endpoint) -> str:
    """The endpoint's path with the examples of its parameters in it."""
    path = endpoint.path
    for parameter in endpoint.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", parameter.example)
    return path


def example(name: str) -> Any:
    """The content of an example file."""
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def assert_finite(content: Any) -> None:
    """Assert that no number in ``content`` is infinite or NaN."""
    if isinstance(content, float):
        assert math.isfinite(content)
    elif isinstance(content, dict):
        assert_finite(list(content.values()))
    elif isinstance(content, list):
        for part in content:
            assert_finite(part)


def without_age(answer: Any) -> Any:
    """Return an answer without the age of its card's facts, which grows from day to day."""
    if isinstance(answer, list):
        return [without_age(item) for item in answer]
    if isinstance(answer, dict):
        return {name: without_age(value) for name, value in answer.items() if name != "facts_age_days"}
    return answer


def assert_problem(response: httpx.Response, slug: str, status: int, *, pointer: str | None = None) -> dict[str, Any]:
    """Assert that ``response`` is that problem in the one shape, and give its content."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem: dict[str, Any] = json.loads(response.content)
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert problem["type"] == f"/problems/{slug}", problem
    assert problem["title"] == PROBLEMS[slug].title
    assert problem["status"] == response.status_code == status
    assert 0 < len(problem["detail"]) <= 200
    assert problem["instance"] == response.headers["x-request-id"]
    assert all(set(error) == {"pointer", "detail"} for error in problem["errors"])
    assert len(problem["errors"]) <= 100
    for detail in [error["detail"] for error in problem["errors"]] or [problem["detail"]]:
        assert not FOREIGN_WORDS.search(QUOTED.sub("", detail)), detail
    if pointer is not None:
        assert [error["pointer"] for error in problem["errors"]] == [pointer], problem
    return problem
