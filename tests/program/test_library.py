"""The library: the service's answers, within the service's bounds."""

import json
import subprocess
import sys
from typing import Any

import httpx
import msgspec
import pytest

import adlrisk
from support.running import EXAMPLES

NAMES = sorted(path.name.removesuffix(".request.json") for path in EXAMPLES.glob("score-*.request.json"))


@pytest.mark.parametrize("name", ["score", *NAMES])
def test_library_and_service_answer_alike(client: httpx.Client, name: str) -> None:
    """The same request gives the same answer with and without HTTP."""
    body = (EXAMPLES / f"{name}.request.json").read_bytes()
    request = msgspec.json.decode(body, type=adlrisk.ScoreRequest)
    answered = client.post("/score", content=body, headers={"content-type": "application/json"}).json()
    assert json.loads(msgspec.json.encode(adlrisk.score(request))) == answered


@pytest.mark.parametrize("wrong", [{"size": -1}, {"size": float("nan")}, {"mark_price": 1e300}, {"side": "buy"}])
def test_the_library_enforces_the_bounds(wrong: dict[str, Any]) -> None:
    """A Struct built in Python with a value out of bounds is refused, not scored."""
    fields: dict[str, Any] = {"side": "long", "size": 1, "entry_price": 1, "mark_price": 1, "margin": 1, **wrong}
    with pytest.raises(adlrisk.ValidationError):
        adlrisk.score(adlrisk.ScoreRequest(position=adlrisk.Position(**fields)))


def test_every_public_name_can_be_imported() -> None:
    """Each name of __all__ can be imported, and no other."""
    for name in adlrisk.__all__:
        assert getattr(adlrisk, name) is not None
    with pytest.raises(AttributeError):
        adlrisk.nothing_of_this_name  # noqa: B018


def test_scoring_loads_no_framework() -> None:
    """``from adlrisk import score`` and a score load what they work with: no server, log, metrics, store or numpy."""
    script = (
        "import sys\n"
        "from adlrisk import Position, ScoreRequest, score\n"
        "position = Position(side='long', size=1, entry_price=100, mark_price=120, leverage=10)\n"
        "score(ScoreRequest(position=position))\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"adlrisk", "msgspec"} <= loaded
    frameworks = {"litestar", "uvicorn", "httptools", "structlog", "prometheus_client", "redis", "orjson", "numpy"}
    assert not loaded & frameworks
