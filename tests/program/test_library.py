"""The library: the service's answers, within the service's bounds."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

import adlrisk
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from support.running import EXAMPLES, without_age

NAMES = sorted(path.name.removesuffix(".request.json") for path in EXAMPLES.glob("score-*.request.json"))


@pytest.mark.parametrize("name", ["score", *NAMES])
def test_library_and_service_answer_alike(client: httpx.Client, name: str) -> None:
    """The same request gives the same answer with and without HTTP."""
    body = (EXAMPLES / f"{name}.request.json").read_bytes()
    request = msgspec.json.decode(body, type=adlrisk.ScoreRequest)
    answered = client.post("/score", content=body, headers={"content-type": "application/json"}).json()
    assert without_age(json.loads(msgspec.json.encode(adlrisk.score(request)))) == without_age(answered)


@pytest.mark.parametrize("wrong", [{"size": -1}, {"size": float("nan")}, {"mark_price": 1e300}, {"side": "buy"}])
def test_the_library_enforces_the_bounds(wrong: dict[str, Any]) -> None:
    """A Struct built in Python with a value out of bounds is refused, not scored."""
    fields: dict[str, Any] = {"side": "long", "size": 1, "entry_price": 1, "mark_price": 1, "margin": 1, **wrong}
    with pytest.raises(adlrisk.ValidationError):
        adlrisk.score(adlrisk.ScoreRequest(position=adlrisk.Position(**fields)))


POSITION: dict[str, Any] = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "margin": 50}


def a_request(**given: Any) -> adlrisk.ScoreRequest:
    """A request with fields of it, or of its position, of any type."""
    own = {name: given.pop(name) for name in ("venue", "symbol", "market", "as_of") if name in given}
    position = given.pop("position") if "position" in given else adlrisk.Position(**{**POSITION, **given})
    return adlrisk.ScoreRequest(position=position, **own)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 18, 12, tzinfo=UTC), "2026-11-18T12:00:00Z"),
        (datetime(2026, 11, 18, 13, 30, 0, 250, tzinfo=timezone(timedelta(hours=1.5))), "2026-11-18T12:00:00.000250Z"),
        (datetime(2026, 11, 18, 12, 53, 28, tzinfo=timezone(timedelta(seconds=3208))), "2026-11-18T12:00:00Z"),
        ("2026-11-18T13:00:00+01:00", "2026-11-18T13:00:00+01:00"),
    ],
)
def test_as_of_is_an_aware_datetime_or_text(moment: Any, text: str) -> None:
    """Text comes back as it is, a datetime in UTC; both in the request and in the answer, also from a dict."""
    request = adlrisk.ScoreRequest(position=adlrisk.Position(**POSITION), as_of=moment)
    assert request.as_of == text
    assert adlrisk.score(request).as_of == text
    assert msgspec.structs.replace(request, as_of=moment) == request
    assert datetime.fromisoformat(adlrisk.score({"position": POSITION, "as_of": moment}).as_of) == (
        moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    )


def test_a_datetime_without_a_timezone_is_refused_at_once() -> None:
    """Which hour it means would be a guess."""
    naive = datetime(2026, 11, 18, 12)  # noqa: DTZ001 (what is tested)
    with pytest.raises(ValueError, match="`as_of`: a datetime without a timezone; give it one"):
        a_request(as_of=naive)
    with pytest.raises(adlrisk.ValidationError, match="/as_of: a datetime without a timezone"):
        adlrisk.score({"position": POSITION, "as_of": naive})
    with pytest.raises(ValueError, match="`as_of`"):
        a_request(as_of=datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))))
    for year in (1999, 2101):
        with pytest.raises(adlrisk.ValidationError, match="/as_of"):
            adlrisk.score(a_request(as_of=datetime(year, 6, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    "two", [2, 2.0, Decimal("2.0"), Fraction(4, 2), np.float64(2), np.float32(2), np.int64(2), np.uint8(2)]
)
def test_numbers_may_be_of_any_real_type(two: Any) -> None:
    """Decimals and numpy's scalars are read as the doubles that they are nearest to."""
    assert adlrisk.score(a_request(size=two, as_of="2026-11-18T12:00:00Z")) == adlrisk.score(
        a_request(size=2, as_of="2026-11-18T12:00:00Z")
    )


def test_a_dict_is_scored_like_the_struct() -> None:
    """The decoded body of a request does, with Structs in it or without."""
    as_of = "2026-11-18T12:00:00Z"
    scored = adlrisk.score(a_request(as_of=as_of))
    assert adlrisk.score({"position": POSITION, "as_of": as_of}) == scored
    assert adlrisk.score({"position": adlrisk.Position(**POSITION), "as_of": as_of}) == scored
    assert adlrisk.score(a_request(position=POSITION, as_of=as_of)) == scored


LOOP: list[Any] = []
LOOP.append(LOOP)
WRONG = {
    "NaN": float("nan"), "infinity": float("inf"), "negative infinity": float("-inf"), "huge int": 10**400,
    "int of 30 digits": 10**30, "NaN as a Decimal": Decimal("NaN"), "signalling NaN": Decimal("sNaN"),
    "infinity as a Decimal": Decimal("Infinity"), "huge Decimal": Decimal("1e400"), "huge fraction": Fraction(10**400),
    "numpy's NaN": np.float64("nan"), "numpy's infinity": np.float32("inf"), "numpy's flag": np.bool_(True),  # noqa: FBT003
    "numpy's array": np.array([1.0]), "complex": 1j, "text": "1", "empty text": "", "half a surrogate": "\ud800",
    "bytes": b"1", "bytearray": bytearray(b"1"), "memoryview": memoryview(b"1"), "list": [1], "tuple": (1,),
    "set": {1}, "dict": {"a": 1}, "dict with other keys": {1: 2}, "loop": LOOP, "object": object(), "class": int,
    "function": len, "date": date(2026, 1, 1), "time": time(12), "flag": True, "ellipsis": ...,
}  # fmt: skip
FIELDS = ("venue", "symbol", "position", "market", "as_of", *adlrisk.Position.__struct_fields__)
# Not wrong there; a settlement currency that no text can have is shown nowhere.
TAKEN = {("symbol", "text"), ("settlement", "text"), ("settlement", "half a surrogate"), ("hedged", "flag")}
TEXTS = ("text", "empty text", "half a surrogate")
# Not a ValidationError: that of a venue, and of a time as text, which is refused where the request is built.
OTHER: dict[tuple[str, str], type[Exception]] = {
    **{("venue", name): adlrisk.UnknownVenueError for name in TEXTS},
    **{("as_of", name): ValueError for name in TEXTS},
}


@pytest.mark.parametrize("field", FIELDS)
def test_score_raises_only_what_it_documents(field: str) -> None:
    """Whatever is passed in, in every field: a ValidationError of one short line that names the place."""
    for name, wrong in WRONG.items():
        if (field, name) in TAKEN:
            answer = adlrisk.score(a_request(**{field: wrong}))
            assert msgspec.json.decode(msgspec.json.encode(answer))["max_score"] == 10, name
            continue
        try:
            adlrisk.score(a_request(**{field: wrong}))
        except OTHER.get((field, name), adlrisk.ValidationError) as refused:
            told = str(refused)
        else:
            pytest.fail(f"{name} is scored")
        assert len(told) < 250, name
        assert "\n" not in told, name


@pytest.mark.parametrize("name", [*WRONG, "None", "position"])
def test_score_takes_no_other_request(name: str) -> None:
    """Something else in place of the request is a ValidationError, too."""
    wrong = {**WRONG, "None": None, "position": adlrisk.Position(**POSITION)}[name]
    with pytest.raises(adlrisk.ValidationError):
        adlrisk.score(wrong)  # type: ignore[arg-type]  # what is tested


def test_errors_say_what_to_send_instead() -> None:
    """The library has the service's messages."""
    for wrong, message in (
        ({"side": "sell"}, "/position/side: must be `long` or `short`, not 'sell': use `short`"),
        ({"size": "10"}, "/position/size: must be a number, not text: send 10, without quotation marks"),
        ({"venue": "okx", "symbol": "BTC/USDT"}, "probably `BTC-USDT-SWAP`"),
    ):
        with pytest.raises(adlrisk.ValidationError) as refused:
            adlrisk.score(a_request(**wrong))
        assert message in str(refused.value)
    with pytest.raises(adlrisk.UnknownVenueError, match="the nearest is 'gate'"):
        adlrisk.score(a_request(venue="gateio"))
    with pytest.raises(adlrisk.RefusedError, match="contract_size 100 would fit"):
        adlrisk.score(a_request(notional=10_000))
    assert adlrisk.score(a_request(venue="binanceusdm")).venue.id == "binance"


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


SETTLES = datetime(2026, 11, 18, 22, 30, tzinfo=timezone(timedelta(hours=9)))


@pytest.mark.parametrize("moment", [SETTLES, "2026-11-18T13:30:00Z"])
def test_settles_at_is_an_aware_datetime_or_text(moment: Any) -> None:
    """In the market of a score, and in those of an account, from Structs and dicts."""
    as_of = "2026-11-18T12:00:00Z"
    leg = {**{name: part for name, part in POSITION.items() if name != "margin"}, "id": "a", "symbol": "X"}
    for market in (adlrisk.Market(settles_at=moment), {"settles_at": moment}):
        answers = [
            adlrisk.score(a_request(market=market, as_of=as_of)),
            adlrisk.score({"position": POSITION, "market": market, "as_of": as_of}),
            adlrisk.account(
                {"venue": "binance", "equity": 50, "markets": {"X": market}, "positions": [leg], "as_of": as_of}
            ).positions[0],
        ]
        for answer in answers:
            assert isinstance(answer, ScoreAnswer)
            assert answer.trigger is not None
            assert answer.trigger.settles_at == "2026-11-18T13:30:00Z"
            assert answer.alerts[0].reason.startswith("The contract is settled at 2026-11-18 13:30 UTC, in 1 h 30 min.")


def test_a_settlement_without_a_timezone_is_refused_by_its_place() -> None:
    """As `as_of` is."""
    naive = {"settles_at": datetime(2026, 11, 18, 12)}  # noqa: DTZ001 (what is tested)
    with pytest.raises(adlrisk.ValidationError, match=r"^/market/settles_at: a datetime without a timezone"):
        adlrisk.score({"position": POSITION, "market": naive})
    with pytest.raises(adlrisk.ValidationError, match=r"^/markets: .*settles_at: a datetime without a timezone"):
        adlrisk.account({"venue": "binance", "markets": {"X": naive}, "positions": [{**POSITION, "id": "a"}]})


BOOKS: dict[str, tuple[str, Any]] = {
    "adl-simulate": ("/adl/simulate", adlrisk.simulate),
    "adl-exposure": ("/adl/exposure", adlrisk.exposure),
}


@pytest.mark.parametrize("name", BOOKS)
def test_library_and_service_simulate_alike(client: httpx.Client, name: str) -> None:
    """The same request gives the same answer with and without HTTP, from a dict and from a Struct."""
    path, function = BOOKS[name]
    body = (EXAMPLES / f"{name}.request.json").read_bytes()
    kind = adlrisk.SimulateRequest if name == "adl-simulate" else adlrisk.ExposureRequest
    answered = without_age(client.post(path, content=body, headers={"content-type": "application/json"}).json())
    for request in (json.loads(body), msgspec.json.decode(body, type=kind)):
        assert without_age(json.loads(msgspec.json.encode(function(request)))) == answered


SIMULATION: dict[str, Any] = json.loads((EXAMPLES / "adl-simulate.request.json").read_bytes())
SIMULATED_COLUMNS: dict[str, Any] = {
    "id": ["a", "b", "c"],
    "side": ["long", "short", "short"],
    "size": [10, 6, 4],
    "entry_price": [100, 100, 100],
    "margin": [50, 120, 400],
}


def a_simulation(**changes: Any) -> dict[str, Any]:
    """The worked example in columns, with fields changed."""
    rest = {name: part for name, part in SIMULATION.items() if name != "positions"}
    return {**rest, "columns": SIMULATED_COLUMNS, **changes}


@pytest.mark.parametrize("of", [list, tuple, np.array, lambda column: np.array(column, dtype=object)])
def test_columns_may_be_lists_tuples_or_arrays(of: Any) -> None:
    """Numbers, sides and ids alike, and the marks; arrays of any kind of number."""
    columns = {name: of(column) for name, column in SIMULATED_COLUMNS.items()}
    simulated = adlrisk.simulate(a_simulation(columns=columns, marks=of([94.0, 90.0])))
    assert simulated == adlrisk.simulate({**SIMULATION, "marks": [94.0, 90.0]})
    narrow = {**SIMULATED_COLUMNS, "size": np.array([10, 6, 4], dtype=np.float32), "margin": np.array([50, 120, 400])}
    assert adlrisk.simulate(a_simulation(columns=narrow)) == adlrisk.simulate(SIMULATION)


@pytest.mark.parametrize(
    ("changes", "error", "where"),
    [
        ({"marks": [94, float("nan")]}, adlrisk.ValidationError, "/marks/1"),
        ({"marks": np.array([])}, adlrisk.ValidationError, "/marks"),
        ({"columns": {**SIMULATED_COLUMNS, "size": np.ones((3, 1))}}, adlrisk.ValidationError, "/columns/size/0"),
        ({"columns": {**SIMULATED_COLUMNS, "size": {10, 6, 4}}}, adlrisk.ValidationError, "/columns/size: a set"),
        ({"columns": LOOP}, adlrisk.ValidationError, "nested too deeply"),
        ({"marks": {94, 95}}, adlrisk.ValidationError, "/marks: a set"),
        ({"columns": {**SIMULATED_COLUMNS, "id": ["a", "b", "\ud800"]}}, adlrisk.ValidationError, "/columns/id"),
        ({"ids": ["a", "a"]}, adlrisk.ValidationError, "/ids/1"),
        ({"positions": []}, adlrisk.ValidationError, "/positions"),
        ({"fund": None}, adlrisk.RefusedError, "insurance_fund"),
        ({"venue": "nowhere"}, adlrisk.UnknownVenueError, "nowhere"),
    ],
)
def test_simulate_raises_only_what_it_documents(changes: Any, error: type[Exception], where: str) -> None:
    """A value that is wrong is a ValidationError that names the place."""
    with pytest.raises(error) as refused:
        adlrisk.simulate(a_simulation(**changes))
    assert where in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "problem", "path"),
    [
        ({"ids": ["z"]}, "unknown-id", ("ids", 0)),
        ({"columns": {**SIMULATED_COLUMNS, "size": [1]}}, "ragged-columns", ("columns", "size")),
        ({"columns": {**SIMULATED_COLUMNS, "id": ["a", "b", "a"]}}, "duplicate-id", ("columns", "id", 2)),
        ({"lot_size": 4}, "not-a-lot-multiple", ("columns", "size", 0)),
        ({"fund": {"balance": 8, "peak": 9}}, "fund-drawdown-required", ("fund", "drawdown")),
        ({"maintenance_margin_rate": None}, "maintenance-margin-required", ("columns", "maintenance_margin_rate", 0)),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_problem_and_path(
    changes: Any, problem: str, path: tuple[str | int, ...]
) -> None:
    """A RefusedError has the service's problem, and the path of what is wrong."""
    with pytest.raises(adlrisk.RefusedError) as refused:
        adlrisk.simulate(a_simulation(**changes))
    assert (refused.value.problem, refused.value.path) == (problem, path)


def test_the_library_has_no_limit_of_the_service() -> None:
    """A walk of more than a thousand steps is taken: nobody else waits for this process."""
    moves = {"moves": [1.5], "weights": [1], "step": 0.001}
    request = a_simulation(moves=moves, ids=["b"], liquidity={"calm": 1})
    del request["marks"]
    exposed = adlrisk.exposure(request)
    assert [case.path for case in exposed.cases] == ["gap", "walk"]


def test_simulating_loads_no_framework() -> None:
    """``from adlrisk import simulate`` loads numpy with it, and neither server, log, metrics nor store."""
    script = (
        "import sys\n"
        "import adlrisk\n"
        "assert 'numpy' not in sys.modules\n"
        "adlrisk.simulate\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"adlrisk", "msgspec", "numpy"} <= loaded
    assert not loaded & {"litestar", "uvicorn", "httptools", "structlog", "prometheus_client", "redis"}


def test_a_missing_input_is_named_by_the_library() -> None:
    """All that are missing are in the message, with their places."""
    own = {"side": "short", "size": 1, "entry_price": 100, "leverage": 5}
    with pytest.raises(adlrisk.RefusedError) as refused:
        adlrisk.exposure({"venue": "bitmex", "mark_price": 100, "position": own})
    for place in ("/fund: ", "/depth: ", "/cohorts/open_interest: ", "/cohorts/entries: ", "/moves/volatility: "):
        assert f"{place}required, but missing: send it" in str(refused.value)
