"""A real server on a free port of the loopback interface, for everything that speaks HTTP."""

import io
from collections.abc import Iterator

import httpx
import hypothesis
import pytest

import adlrisk.api.app
from adlrisk.api.at_once import AtOnce
from adlrisk.domain import actions, signals
from adlrisk.settings import Settings
from support.running import ADMIN_KEY, WRITABLE, RunningServer

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--through-router", action="store_true", help="let Litestar's router dispatch every request")


def pytest_configure(config: pytest.Config) -> None:
    """Take away what stands before the router, so that the same tests show that all ways answer the same."""
    if config.getoption("--through-router"):
        vars(adlrisk.api.app)["Direct"] = lambda *_, otherwise: otherwise
        AtOnce.takes = lambda *_: False  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Every test works out anew what the domain keeps: `make mutation` runs a mutant's tests, those that reached it."""
    for kept in (*vars(actions).values(), *vars(signals).values()):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    with RunningServer(Settings(), log=io.StringIO()) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as connected:
        yield connected


@pytest.fixture(scope="session")
def admin() -> Iterator[httpx.Client]:
    """An operator's client of a server of its own, which tests may change."""
    with (
        RunningServer(WRITABLE, log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {ADMIN_KEY}"}) as connected,
    ):
        yield connected
