"""A real server on a free port of the loopback interface, for everything that speaks HTTP."""

import functools
import io
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import get_args

import httpx
import hypothesis
import pytest

from adlrisk.domain.scoring import signal_reasons, signals
from adlrisk.domain.scoring.advice import advise, crowding
from adlrisk.settings import Settings
from support.plain_http import read_certificates_once
from support.running import ADMIN_KEY, WRITABLE, Dispatch, RunningServer

Served = tuple[RunningServer, httpx.Client]

# Laws are tested here, not times: what counts as slow on a busy machine is no failure.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Few examples, always the same ones, and no search for the smallest that fails: `make mutation` runs the tests once for
# every mutant, and only whether they pass counts.
hypothesis.settings.register_profile(
    "mutation",
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


# The modules of the domain that keep what they have worked out.
KEEPING = (advise, crowding, signal_reasons, signals)
# Tests of answers, which are run for each way of dispatching a request. Stores, limits, connections and costs are the
# same whichever way a request goes.
ANSWERS = tuple(
    f"tests/api/{package}/test_{subject}.py"
    for package, subjects in {
        "endpoints": (
            "adl",
            "batch",
            "compressed_answers",
            "every_endpoint",
            "every_problem",
            "rank",
            "score",
            "venue_cards",
            "venue_changes",
        ),
        "dispatch": ("confidentiality", "middleware", "safe_headers"),
        "http": ("codecs", "cors"),
    }.items()
    for subject in subjects
)
# What takes longest, to begin with, so that no worker is left with it when the others are done.
LONGEST = (
    "tests/contract/test_schemathesis.py",
    "tests/soak/",
    "tests/hostile/",
    "tests/program/",
    "tests/collect/",
    "tests/api/",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.nodeid.partition("::")[0] in ANSWERS and "dispatch" in metafunc.fixturenames:
        metafunc.parametrize("dispatch", get_args(Dispatch))


def pytest_configure(config: pytest.Config) -> None:
    missing = [path for path in ANSWERS if not (config.rootpath / path).is_file()]
    if missing:  # else they would be run for one way only, and nobody would notice
        raise pytest.UsageError(f"tests/conftest.py names {missing}, which are not there")
    read_certificates_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))

    items.sort(key=place)


def pytest_xdist_auto_num_workers() -> int:
    """Twice the processors: tests wait for servers half of the time."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Every test works out anew what the domain keeps: `make mutation` runs a mutant's tests, those that reached it."""
    for kept in itertools.chain.from_iterable(vars(module).values() for module in KEEPING):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


@pytest.fixture
def dispatch() -> Dispatch:
    return "fast"


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[Dispatch], Served]]:
    """A server for each way of dispatching, started when it is first asked for, and a client of it."""
    with ExitStack() as running:

        @functools.cache
        def serve(dispatch: Dispatch) -> Served:
            server = running.enter_context(RunningServer(Settings(), log=io.StringIO(), dispatch=dispatch))
            return server, running.enter_context(httpx.Client(base_url=server.url))

        yield serve


@pytest.fixture
def server(servers: Callable[[Dispatch], Served], dispatch: Dispatch) -> RunningServer:
    return servers(dispatch)[0]


@pytest.fixture
def client(servers: Callable[[Dispatch], Served], dispatch: Dispatch) -> httpx.Client:
    return servers(dispatch)[1]


@pytest.fixture(scope="session")
def admins() -> Iterator[Callable[[Dispatch], httpx.Client]]:
    """An operator's client for each way of dispatching, of a server of its own, which tests may change."""
    with ExitStack() as running:

        @functools.cache
        def serve(dispatch: Dispatch) -> httpx.Client:
            server = running.enter_context(RunningServer(WRITABLE, log=io.StringIO(), dispatch=dispatch))
            key = {"authorization": f"Bearer {ADMIN_KEY}"}
            return running.enter_context(httpx.Client(base_url=server.url, headers=key))

        yield serve


@pytest.fixture
def admin(admins: Callable[[Dispatch], httpx.Client], dispatch: Dispatch) -> httpx.Client:
    return admins(dispatch)
