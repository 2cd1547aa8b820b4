"""A program that uses the client: it must type-check as it is, and what it does must work.

``make types`` reads it: each ``assert_type`` is the type that a caller sees, and each ``type: ignore`` is an error that
the checker has to find, or it complains.
"""

import asyncio
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_type

import pytest

from adlrisk import AccountAnswer, Leg, PlanAnswer, Position, ScoreAnswer
from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.api.http.problems import FieldError
from adlrisk.client import AsyncClient, Client, Problem, ProblemError
from adlrisk.domain.scoring.band import Band
from support.running import WRITABLE, RunningServer


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with RunningServer(WRITABLE, log=io.StringIO()) as server:
        yield server.url


PLAIN = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "margin": 50}
POSITION = Position(side="long", size=1, entry_price=100, mark_price=100, margin=50)


def test_what_a_caller_writes_is_typed(url: str) -> None:
    """Answers are Structs, fields are checked by name and type, and items may be told apart."""
    with Client(url) as client:
        answer = client.score(venue="okx", position=POSITION, as_of="2026-11-18T12:00:00Z")
        assert_type(answer, ScoreAnswer)
        assert_type(answer.band, Band)
        plan = client.plan(position=dict(PLAIN), margin_mode="isolated", target="low")
        assert_type(plan, PlanAnswer)
        assert_type(client.venue("okx"), VenueCard)
        account = client.account(venue="okx", wallet_balance=1000, positions=[leg("a"), leg("b")])
        assert_type(account, AccountAnswer)
        assert [one.id for one in account.positions if not isinstance(one, Problem)] == ["a", "b"]
        assert_type(client.metrics(), str)
        assert_type(client.openapi(), dict[str, Any])


def leg(id_: str) -> Leg:
    return Leg(id=id_, symbol="X", side="long", size=1, entry_price=100, mark_price=100)


def test_what_a_caller_gets_wrong_is_found(url: str) -> None:
    """By the checker before it runs, and by the service with the place."""
    with Client(url) as client:
        for call in (
            lambda: client.score(venue="okx"),  # type: ignore[call-arg]
            lambda: client.score(position=POSITION, price=1),  # type: ignore[call-arg]
            lambda: client.score(position=3),  # type: ignore[arg-type]
            lambda: client.rank(venue="okx", mark_price="1", positions=[]),  # type: ignore[arg-type]
            lambda: client.scores(items=[POSITION], detail="long"),  # type: ignore[arg-type, list-item]
        ):
            with pytest.raises(ProblemError) as error:
                call()
            assert_type(error.value.errors, tuple[FieldError, ...])
            assert error.value.slug == "invalid-request"
            assert error.value.errors


def test_the_same_of_the_async_client(url: str) -> None:
    """Each method is to be awaited, and has the same types."""

    async def use() -> None:
        async with AsyncClient(url) as client:
            answers = await asyncio.gather(*(client.score(position=POSITION) for _ in range(5)))
            assert_type(answers, list[ScoreAnswer])
            assert len(set(map(str, answers))) == 1
            assert_type(await client.venue("okx"), VenueCard)
            with pytest.raises(ProblemError):
                await client.score(position={"side": "long"}, symbol=1)  # type: ignore[arg-type]

    asyncio.run(use())


def test_threads_share_a_client(url: str) -> None:
    """Calls from several threads at a time are each answered with their own."""
    with Client(url) as client, ThreadPoolExecutor(4) as threads:

        def size_of(size: int) -> float:
            one = Position(side="long", size=size, entry_price=100, mark_price=100, margin=50)
            return client.score(position=one).state.notional

        sizes = range(1, 41)
        assert list(threads.map(size_of, sizes)) == [100.0 * size for size in sizes]
