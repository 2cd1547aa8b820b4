"""The soak run: a short one for real, and tests of its verdict."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.redis_servers import free_port
from support.running import ROOT
from support.soak.balancer import CHECK_EVERY_SECONDS, Balancer
from support.soak.faults import KINDS, Fault, FaultLog, Kind
from support.soak.footprint import JUDGED_FROM_SECONDS, Life, Sample
from support.soak.histories import KNOWN_EVERYWHERE_SECONDS, History
from support.soak.load import caller as ways
from support.soak.load.caller import Caller
from support.soak.load.exchange import Answer, Expected, Lost, Question, find_difference
from support.soak.verdict import PERMITTED, Permit, Verdict

RIGHT = Expected(body=b'{"score":8}', headers={"content-type": "application/json"})


def a_question(**given: Any) -> Question:
    return Question(
        **{
            "kind": "/queue/rank, large",
            "path": "/score",
            "headers": {"x-request-id": "one"},
            "needs_store": True,
            "judge": lambda answer: find_difference(answer, [RIGHT]),
            **given,
        }
    )


def an_answer(*, at: float = 0.0, **given: Any) -> Answer:
    headers = {"content-type": "application/json", "x-request-id": "one"}
    return Answer(**{"status": 200, "headers": headers, "body": RIGHT.body, "sent_at": at, "over_at": at, **given})


def a_failure(name: str, *, at: float) -> Answer | Lost:
    """The outcome that the verdict calls by that name."""
    status, _, slug = name.partition(" ")
    if not status.isdecimal():
        return Lost(failure=name, sent_at=at, over_at=at)
    headers = {"content-type": "application/problem+json", "x-request-id": "one", "retry-after": "1"}
    return an_answer(at=at, status=int(status), headers=headers, body=b'{"type":"/problems/%s"}' % slug.encode())


def a_verdict(**spans: tuple[float, float]) -> Verdict:
    """A verdict with faults in its log, their names with underscores, from and until the given times."""
    log = FaultLog()
    kinds = {kind.replace(" ", "_"): kind for kind in KINDS}
    log._faults += [Fault(kind=kinds[name], begins=span[0], ends=span[1]) for name, span in spans.items()]  # noqa: SLF001
    return Verdict(log)


def test_a_short_run_has_no_wrong_answer_and_no_unexplained_failure(tmp_path: Path) -> None:
    """Under mixed load every kind of fault happens, and thousands of answers equal those of the library."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests"),
        "SOAK_SECONDS": "8",
        "SOAK_BOTS": "3",
        "SOAK_FOLDER": str(tmp_path / "soak"),
    }
    command = [sys.executable, str(ROOT / "tests" / "support" / "soak" / "soak.py")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"| {kind} | 1 |" in done.stdout for kind in KINDS)
    assert "**Good**" in (tmp_path / "soak" / "report.md").read_text()


@pytest.mark.parametrize(
    "given",
    [
        {"body": b'{"score":7}'},
        {"body": b'{"score":8} '},
        {"body": b""},
        {"status": 201},
        {"headers": {"content-type": "text/plain", "x-request-id": "one"}},
        {"headers": {"content-type": "application/json", "x-request-id": "two"}},
    ],
)
def test_any_difference_makes_an_answer_wrong(given: dict[str, Any]) -> None:
    """Every byte counts, and so do status, media type and request id."""
    verdict = a_verdict()
    verdict.judge(a_question(), an_answer())
    assert verdict.is_good
    verdict.judge(a_question(), an_answer(**given))
    assert len(verdict.wrong) == 1
    assert not verdict.is_good


@pytest.mark.parametrize("permit", PERMITTED, ids=lambda permit: permit.failure)
def test_only_its_own_fault_explains_a_failure(permit: Permit) -> None:
    """The same failure before, during or after every other kind of fault has no explanation."""
    assert permit.during is not None
    for kind in KINDS:
        verdict = a_verdict(**{kind.replace(" ", "_"): (10.0, 20.0)})
        for at in (9.0, 15.0, 21.0):
            verdict.judge(a_question(), a_failure(permit.failure, at=at))
        explained = 1 if kind in permit.during else 0
        assert (verdict.explained.total(), len(verdict.unexplained)) == (explained, 3 - explained), kind


@pytest.mark.parametrize("failure", ["500 internal-error", "503 not-ready", "503 overloaded", ways.NO_ANSWER])
def test_some_failures_have_no_explanation(failure: str) -> None:
    """No fault explains a defect, a rejection, or a missing answer."""
    verdict = a_verdict(**{kind.replace(" ", "_"): (10.0, 20.0) for kind in KINDS})
    verdict.judge(a_question(), a_failure(failure, at=15.0))
    assert len(verdict.unexplained) == 1


def test_an_unreadable_answer_is_wrong() -> None:
    """Whatever the service sends, the client goes on."""
    verdict = a_verdict()
    verdict.judge(a_question(judge=lambda answer: str(int(answer.body))), an_answer())
    assert len(verdict.wrong) == 1


def test_requests_without_the_store_must_be_answered() -> None:
    """`store-unavailable` does not explain a failed score, even while the store is down."""
    verdict = a_verdict(redis_killed=(10.0, 20.0))
    verdict.judge(a_question(needs_store=False), a_failure("503 store-unavailable", at=15.0))
    assert len(verdict.unexplained) == 1


def a_history(*faults: tuple[Kind, float, float]) -> History[int]:
    log = FaultLog()
    log._faults += [Fault(kind=kind, begins=begins, ends=ends) for kind, begins, ends in faults]  # noqa: SLF001
    return History(0, log)


def test_the_old_value_is_permitted_until_the_new_one_is_known_everywhere() -> None:
    """From the sending of a change both are valid, and some time after it was kept only the new one is."""
    history = a_history()
    version = history.send(1, at=10.0)
    assert history.permitted(8.0, 9.0) == [0]
    assert history.permitted(8.0, 10.5) == [1, 0]
    history.kept(version, at=11.0)
    assert history.permitted(11.0 + KNOWN_EVERYWHERE_SECONDS, 20.0) == [1, 0]
    assert history.permitted(11.1 + KNOWN_EVERYWHERE_SECONDS, 20.0) == [1]


def test_a_fault_postpones_when_a_change_is_known_everywhere() -> None:
    """A replica that cannot reach the store continues with what it knew."""
    history = a_history(("redis killed", 12.0, 30.0))
    history.kept(history.send(1, at=10.0), at=11.0)
    assert history.permitted(29.0, 29.1) == [1, 0]
    assert history.permitted(30.1 + KNOWN_EVERYWHERE_SECONDS, 40.0) == [1]


def test_an_unconfirmed_change_may_appear_until_the_fault_ends() -> None:
    """One that was kept meanwhile does not rule it out; one sent after the fault does."""
    history = a_history(("redis stalled", 10.0, 20.0))
    history.uncertain(history.send(1, at=11.0), at=12.0)
    history.kept(history.send(2, at=15.0), at=16.0)
    assert history.permitted(24.0, 25.0) == [2, 1]
    history.kept(history.send(3, at=30.0), at=31.0)
    assert history.permitted(31.1 + KNOWN_EVERYWHERE_SECONDS, 40.0) == [3]


@pytest.mark.parametrize(
    ("growth", "complaint"),
    [
        ({}, None),
        ({"mib": 60.0}, "MiB"),
        ({"descriptors": 60}, "descriptors"),
        ({"threads": 20}, "threads"),
    ],
)
def test_a_growing_process_is_reported(growth: dict[str, float], complaint: str | None) -> None:
    """Growth beyond the bound from the second to the last quarter of a life is a complaint."""
    life = Life("replica 1, service 1", "service")
    calm = {"mib": 90.0, "descriptors": 30, "threads": 7}
    for second in range(round(JUDGED_FROM_SECONDS) + 1):
        share = second / JUDGED_FROM_SECONDS
        held: dict[str, Any] = {name: value + round(share * growth.get(name, 0)) for name, value in calm.items()}
        life.samples.append(Sample(at=float(second), **held))
    assert [complaint in found for found in life.complaints() if complaint] == ([True] if complaint else [])
    assert bool(life.complaints()) == bool(complaint)


@contextlib.contextmanager
def listening(*serves: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that serves one connection after the other, each in its own way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            for serve in serves:
                with listener.accept()[0] as connection:
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10.0)


def answering(*parts: bytes, hears_more: bool = False) -> Callable[[socket.socket], None]:
    """Answer each request with the next part, and close, if required once the next request has come."""

    def serve(connection: socket.socket) -> None:
        for part in parts:
            connection.recv(65_536)
            connection.sendall(part)
        if hears_more:
            connection.recv(65_536)

    return serve


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def outcomes(*serves: Callable[[socket.socket], None], count: int) -> list[str]:
    """The outcomes of ``count`` requests to such a server: statuses and names of failures."""
    found = []
    with listening(*serves) as port, Caller(port) as caller:
        for _ in range(count):
            outcome = caller.ask(a_question())
            found.append(str(outcome.status) if isinstance(outcome, Answer) else outcome.failure)
            time.sleep(0.05)
    return found


def test_each_way_of_losing_an_answer_has_a_name() -> None:
    """A new connection, a kept one, and a truncated answer have different names; nothing is retried."""
    assert outcomes(answering(hears_more=True), count=1) == [ways.NEW_LOST]
    assert outcomes(answering(WHOLE, hears_more=True), count=2) == ["200", ways.IDLE_LOST]
    assert outcomes(answering(WHOLE.replace(b"2\r", b"3\r")), count=1) == [ways.CUT_OFF]


def test_a_connection_that_was_closed_while_idle_is_replaced() -> None:
    """No request is sent on a connection known to be closed."""
    assert outcomes(answering(WHOLE), answering(WHOLE), count=2) == ["200", "200"]


@contextlib.asynccontextmanager
async def backend(name: bytes, status: dict[bytes, bytes]) -> AsyncIterator[int]:
    """A backend that answers lines with its name, and health checks with its ``status``."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            is_check = line.startswith(b"GET /health/ready")
            writer.write(b"HTTP/1.1 %s x\r\n\r\n" % status[name] if is_check else name)
            if is_check:
                break
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def asked(port: int) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"who\n")
    return await reader.read(1), reader, writer


async def names_behind(status: dict[bytes, bytes]) -> tuple[set[bytes], set[bytes], bytes]:
    """Backends that answer through a balancer, those that do once A answers 503, and on A's earlier connection."""
    async with contextlib.AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(backend(name, status)) for name in (b"A", b"B")]
        port = free_port()
        balancing = asyncio.create_task(Balancer(ports).run(port))
        await asyncio.sleep(3 * CHECK_EVERY_SECONDS)
        before = [await asked(port) for _ in range(4)]
        status[b"A"] = b"503"
        await asyncio.sleep(3 * CHECK_EVERY_SECONDS)
        after = [await asked(port) for _ in range(4)]
        _, reader, writer = next(one for one in before if one[0] == b"A")
        writer.write(b"who\n")
        kept = await reader.read(1)
        for *_, open_writer in (*before, *after):
            open_writer.close()
        await asyncio.sleep(CHECK_EVERY_SECONDS)
        balancing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await balancing
    return {one[0] for one in before}, {one[0] for one in after}, kept


def test_a_draining_backend_keeps_its_connections_but_gets_no_new_ones() -> None:
    """As a load balancer in front of draining replicas must do."""
    before, after, kept = asyncio.run(names_behind({b"A": b"200", b"B": b"200"}))
    assert (before, after, kept) == ({b"A", b"B"}, {b"B"}, b"A")
