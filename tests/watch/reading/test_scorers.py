"""Scores of a reading by the library and by a running service: the same for the same figures."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from adlrisk.api.app import create_app
from adlrisk.client import Client
from adlrisk.library import catalogue
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.cross_accounts import NOT_REQUESTED, Hidden, group_positions
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.watch.reading.observed import ObservedPosition
from adlrisk.watch.reading.scorers import LibraryScorer, ScorerError, Scores
from adlrisk.watch.reading.service_scorer import ServiceScorer
from positions.test_request_body import BACKED, CONTRADICTORY, UNKNOWN_SIZE
from positions.test_scoring import held
from support.client.both import InProcess
from support.running import ADMIN_KEY, WEDNESDAY, WRITABLE


def read(
    *positions: OpenPosition, equity: AccountEquity | None = BACKED, hidden: Hidden | None = None
) -> AccountReading:
    accounts = group_positions(positions, equity_of=lambda _: equity, not_listed=hidden)
    return AccountReading(positions=positions, accounts=accounts, is_complete=hidden is None)


READINGS = {
    "nothing": read(),
    "a hedge": read(held(), held(side="short", size=0.9)),
    "equity unknown": read(held(), held("ETHUSDT", size=2), equity=None),
    "isolated before cross": read(held("ETHUSDT", mode="isolated", margin=9000.0), held()),
    "two accounts": read(
        held("ETHUSDT", mode="isolated", margin=9000.0),
        held(),
        held("BTCUSD", contract="inverse", size=100, mode=None, adl_meter=2.0),
        held("XRPUSDT"),
    ),
    "others that were not listed": read(held(), hidden=NOT_REQUESTED),
    "one that cannot be scored": read(UNKNOWN_SIZE, held()),
    "one that contradicts itself": read(held(), CONTRADICTORY),
    "a meter that is none": read(held(adl_meter=99.0), held("ETHUSDT", mode="isolated", margin=9000.0)),
}


@pytest.fixture(scope="module")
def service() -> Iterator[InProcess]:
    """The application without a socket, on a Wednesday."""
    settings = msgspec.structs.replace(WRITABLE, log_level="error")
    transport = InProcess(create_app(settings, clock=lambda: WEDNESDAY, log=io.StringIO()))
    transport.start()
    yield transport
    transport.stop()


@pytest.fixture
def client(service: InProcess) -> Iterator[Client]:
    with Client("http://service", api_key=ADMIN_KEY, transport=service) as one:
        yield one


def score_by_library(reading: AccountReading) -> Scores:
    return LibraryScorer(catalogue()).score(reading, venue="okx", now=WEDNESDAY)


def score_by(client: Client, reading: AccountReading) -> Scores:
    return ServiceScorer(client, catalogue()).score(reading, venue="okx", now=WEDNESDAY)


def without_reasons(scores: Scores) -> list[ObservedPosition]:
    """Why an action helps is told by the margin mode, which the service is not told of one that contradicts itself."""
    return [
        replace(one, first_action=None if one.first_action is None else one.first_action.partition(":")[0])
        for one in scores.positions
    ]


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS.keys())
def test_service_and_library_score_alike(client: Client, reading: AccountReading) -> None:
    """Without market records the two say the same of each position, in the order of the reading."""
    by_service = score_by(client, reading)
    by_library = score_by_library(reading)
    assert by_service.accounts == by_library.accounts
    assert without_reasons(by_service) == without_reasons(by_library)
    assert [one.symbol for one in by_service.positions] == [one.symbol for one in reading.positions]


@pytest.mark.parametrize("scored_by", ["library", "service"])
@pytest.mark.parametrize(
    ("reading", "distance", "direction"),
    [
        (read(held(), equity=AccountEquity(amount=5000.0)), 4800 / 49800, "fall"),
        (read(held(side="short"), equity=AccountEquity(amount=5000.0)), 4800 / 50200, "rise"),
        (
            read(held("BTCUSDT", size=0.5), held("ETHUSDT", size=0.5), equity=AccountEquity(amount=5000.0)),
            4800 / 49800,
            "fall",
        ),
        (read(held(), equity=AccountEquity(amount=200.0)), 0.0, None),
        (read(held(), equity=AccountEquity(amount=-1.0)), 0.0, None),
        (read(held(), equity=None), None, None),
        (read(held(), equity=AccountEquity(amount=5000.0), hidden=Hidden("others", None)), None, None),
    ],
    ids=["a long", "a short", "two longs", "due", "insolvent", "equity unknown", "others that were not listed"],
)
def test_common_move_that_liquidates_the_account_is_observed(
    client: Client, scored_by: str, reading: AccountReading, distance: float | None, direction: str | None
) -> None:
    """1 at 50,000 with 0.4 % on 5,000: a fall of f leaves 5,000 − 50,000 f, which meets 200 (1 − f); 0.0 is due."""
    scores = score_by_library(reading) if scored_by == "library" else score_by(client, reading)
    (account,) = scores.accounts
    assert account.name == "USDT"
    assert account.distance == (None if distance is None else pytest.approx(distance))
    assert account.direction == direction


def test_isolated_positions_have_no_account(client: Client) -> None:
    """Each has a margin of its own; an account of others is still named."""
    alone = read(held("ETHUSDT", mode="isolated", margin=9000.0))
    assert score_by(client, alone).accounts == score_by_library(alone).accounts == ()
    assert len(score_by(client, READINGS["isolated before cross"]).accounts) == 1


def test_market_records_of_the_service_fill_what_the_account_cannot_show(client: Client) -> None:
    """With a funding rate in the service that is no longer missing; the library does not know it."""
    reading = read(held("SOLUSDT", adl_meter=5.0))
    assert "funding_rate" in score_by_library(reading).positions[0].missing
    client.put_market("okx", "SOLUSDT", funding_rate=0.01, funding_interval_hours=8.0)
    (one,) = score_by(client, reading).positions
    assert "funding_rate" not in one.missing
    assert one.score is not None
    assert one.score > (score_by_library(reading).positions[0].score or 0)


def failing(answer: Callable[[httpx2.Request], httpx2.Response]) -> Client:
    return Client("http://service", transport=httpx2.MockTransport(answer), attempts=1)


def problem(status: int, slug: str) -> Client:
    told = {"type": f"/problems/{slug}", "title": "t", "status": status, "detail": "what is wrong", "instance": "i"}
    body = msgspec.json.encode({**told, "errors": []})
    return failing(
        lambda _: httpx2.Response(status, content=body, headers={"content-type": "application/problem+json"})
    )


def refuse_connection(_: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused")


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (failing(refuse_connection), "no connection|refused|answer"),
        (failing(lambda _: httpx2.Response(200, text="<html>")), "cannot be decoded"),
        (problem(401, "unauthorized"), "401 unauthorized: what is wrong"),
        (problem(503, "overloaded"), "503 overloaded: what is wrong"),
    ],
    ids=["no connection", "no answer of the service", "a key", "overloaded"],
)
def test_service_that_gives_no_scores_is_an_error(client: Client, words: str) -> None:
    """It says that it was the service, and why."""
    with client, pytest.raises(ScorerError, match=rf"^the service gave no scores: .*({words})"):
        score_by(client, READINGS["a hedge"])


def test_figures_that_the_service_refuses_leave_positions_unscored() -> None:
    """With the service's reason; the others of the account have their own body."""
    with problem(422, "figures-disagree") as client:
        (one,) = score_by(client, read(held())).positions
    assert (one.score, one.band, one.not_scored_reason) == (None, None, "what is wrong")
    assert (one.size, one.mark_price) == (None, 50000.0)  # the size as the venue wrote it is not in this sample


def test_answer_with_too_few_legs_leaves_positions_unscored() -> None:
    """Whatever answered: a leg without an answer has none, and no other leg's."""
    hedge = READINGS["a hedge"]

    class Short:
        def account(self, **_: Any) -> Any:
            account: Any = type("Account", (), {"nearest_liquidation": None})
            scored: Any = type("Answer", (), {"positions": [], "account": account})
            return scored

    broken: Any = Short()
    assert [one.not_scored_reason for one in score_by(broken, hedge).positions] == ["it could not be scored"] * 2


def test_nothing_open_asks_the_service_nothing() -> None:
    """There is no body to send."""

    def fail(_: httpx2.Request) -> httpx2.Response:
        raise AssertionError

    with failing(fail) as client:
        assert score_by(client, read()) == ((), ())
