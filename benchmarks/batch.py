"""Benchmark of ``POST /scores`` with a thousand items, against the minimum of work for them.

The minimum: msgspec decodes each request and encodes each answer, and the domain scores each position. That, and the
whole endpoint from the bytes of a request to those of its answer, is measured in one process in turns; then the request
through a running service, from the first byte sent to the last received by a client on another core.

``details``, or ``make bench-batch``, compares full and brief answers: their time, with the decoding of the items apart,
and their size.
"""

import asyncio
import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from adlrisk.api.app import create_app
from adlrisk.api.dispatch.endpoint import Call
from adlrisk.api.dispatch.respond import run
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.batch import handle_scores
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresItem, ScoresRequest
from adlrisk.api.http.codecs import JSON
from adlrisk.api.http.headers import Headers
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.scoring.score import score
from adlrisk.settings import Settings
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord
from served import BODY, CLIENTS_CORE, SERVERS_CORE

ITEMS: Final = 1000

_TURNS: Final = 20
_SHARE_KNOWN: Final = 0.7
_SYMBOL: Final = "BTCUSDT"
_RECORD: Final = MarketRecord(
    funding_rate=0.001,
    funding_interval_hours=8.0,
    liquidation_spike=False,
    adl_trigger=False,
    insurance_fund=9e6,
    fund_peak=1e7,
    adl_rating="high",
    settles_at="2099-12-25T08:00:00Z",
    open_interest_high=False,
)


class Work(Struct, frozen=True, kw_only=True):
    """Microseconds for each item."""

    decode: float
    domain: float
    encode: float
    whole: float

    @property
    def ratio(self) -> float:
        """The endpoint relative to the sum of its parts."""
        return self.whole / (self.decode + self.domain + self.encode)


def report_batches(port: int, *, rounds: int) -> None:
    """Print the table, with the service on ``port``."""
    works, requests = [], []
    for _ in range(rounds):
        works.append(msgspec.json.decode(_elsewhere("work", SERVERS_CORE), type=Work))
        requests.append(msgspec.json.decode(_elsewhere(f"request {port}", CLIENTS_CORE), type=float))
    ratios = [work.ratio for work in works]
    parts = [statistics.median(getattr(work, part) for work in works) for part in Work.__struct_fields__]
    print(f"\n| `POST /scores`, µs for each of {ITEMS:,} items | decode | domain | encode | endpoint |", end="")
    print(" endpoint of its parts: min, median, max | request over a socket |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(f"| | {' | '.join(f'{part:.1f}' for part in parts)} ", end="")
    print(f"| {min(ratios):.2f}, **{statistics.median(ratios):.2f}**, {max(ratios):.2f} ", end="")
    print(f"| {statistics.median(requests):.1f} |")


def report_details() -> None:
    """Print what an item costs in full and in brief, without and with a market record that fills in its market."""
    alone = [{**item, "id": f"candidate-{number}"} for number, item in enumerate(items())]
    named = [{**item, "market": {}, "symbol": _SYMBOL, "as_of": None} for item in alone]
    print(
        f"| {ITEMS:,} items, µs of the processor and bytes for each | decode | full | brief | brief beyond decoding |",
        end="",
    )
    print(" bytes, full | bytes, brief | of these the id |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, sent in (("market in the request", alone), ("market from a record", named)):
        raw = [msgspec.Raw(msgspec.json.encode(item)) for item in sent]
        decode = msgspec.json.Decoder(ScoresItem).decode
        decoding = min(_each(lambda: [decode(item) for item in raw]) for _ in range(_TURNS))  # noqa: B023 (at once)
        (full, full_bytes), (brief, brief_bytes) = (asyncio.run(_measure(raw, detail)) for detail in ("full", "brief"))
        ids = sum(len(f'"id":"{item["id"]}",') for item in sent) / ITEMS
        print(f"| {name} | {decoding:.1f} | {full:.1f} | {brief:.1f} | **{brief - decoding:.1f}** ", end="")
        print(f"| {full_bytes:,.0f} | **{brief_bytes:.0f}** | {ids:.0f} |")


async def _measure(raw: list[msgspec.Raw], detail: Literal["full", "brief"]) -> tuple[float, float]:
    """Microseconds of the processor, the minimum of several turns, and bytes for each item."""
    context = create_app(Settings(log_level="error")).context
    now = datetime.now(UTC)
    stored = StoredRecord(market=_RECORD, observed_at=now, source="benchmark", ttl_seconds=3600.0)
    for venue in context.venues:
        await context.live_rules.put_record(MarketKey(venue, _SYMBOL), stored, now=now)
    times, content = [], b""
    for _ in range(_TURNS):
        body = ScoresRequest(items=raw, detail=detail)
        call = Call(context=context, headers=Headers(()), request_id="batch", body=body)
        started = time.process_time()
        answered = await run(handle_scores(call), context.live_rules.records, turns=context.turns)
        content = b"".join(answered.pieces)
        times.append((time.process_time() - started) / ITEMS * 1e6)
    return min(times), len(content) / ITEMS


def items() -> list[dict[str, Any]]:
    """Deterministic positions at several venues, on both sides, some with unknown fields."""
    chance = random.Random(1)  # noqa: S311 (chance, not secrets)
    worked = msgspec.json.decode(BODY)
    made = []
    venues = [id_ for id_, venue in load_catalogue().items() if "linear" in venue.rules.contracts]
    for venue, side, _ in itertools.islice(itertools.product(venues, ("long", "short"), range(99)), ITEMS):
        entry = round(chance.uniform(1_000.0, 3_000.0), 2)
        position = {
            **worked["position"],
            "side": side,
            "entry_price": entry,
            "mark_price": round(entry * chance.uniform(0.85, 1.15), 2),
            "margin": round(entry * chance.uniform(0.5, 5.0), 2),
            "adl_meter": None,
        }
        known = {"funding_rate": 0.0012, "funding_interval_hours": 8, "liquidation_spike": True}
        market = {name: value for name, value in known.items() if chance.random() < _SHARE_KNOWN}
        made.append({"venue": venue, "position": position, "market": market, "as_of": worked["as_of"]})
    return made


def work() -> Work:
    """Microseconds per item, the minimum of several turns."""
    decode, encode = msgspec.json.Decoder(ScoreRequest).decode, JSON.encode
    decode_all = msgspec.json.Decoder(ScoresRequest).decode
    context = create_app(Settings(log_level="error")).context
    venues, now = context.venues, datetime.now(UTC)
    sent = [encode(item) for item in items()]
    requests = [decode(item) for item in sent]
    answers = [answer_score(request, venues=venues, now=now) for request in requests]
    body = encode({"items": items()})

    def scored() -> None:
        for one in requests:
            score(one.position, market=one.market, rules=venues[one.venue].rules, as_of=now)

    async def whole() -> float:
        started = time.perf_counter()
        call = Call(context=context, headers=Headers(()), request_id="batch", body=decode_all(body))
        await run(handle_scores(call), context.live_rules.records, turns=context.turns)
        return (time.perf_counter() - started) / ITEMS * 1e6

    async def turns() -> list[tuple[float, float, float, float]]:
        return [
            (
                _each(lambda: [decode(item) for item in sent]),
                _each(scored),
                _each(lambda: [encode(answer) for answer in answers]),
                await whole(),
            )
            for _ in range(_TURNS)
        ]

    decoded, domain, encoded, wholes = zip(*asyncio.run(turns()), strict=True)
    return Work(decode=min(decoded), domain=min(domain), encode=min(encoded), whole=min(wholes))


def request(port: int) -> float:
    """Microseconds per item of a request to a running service, the median of several."""
    body = msgspec.json.encode({"items": items()})
    head = f"POST /scores HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    sent, buffer = head.encode() + body, memoryview(bytearray(1 << 22))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return statistics.median(_each(lambda: _asked(connection, sent, buffer)) for _ in range(_TURNS))


def _asked(connection: socket.socket, sent: bytes, buffer: memoryview) -> None:
    connection.sendall(sent)
    got = connection.recv_into(buffer)
    head = bytes(buffer[:got]).partition(b"\r\n\r\n")[0]
    whole = len(head) + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while got < whole:
        got += connection.recv_into(buffer[got:])
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(bytes(buffer[:got]).decode())


def _each(part: Callable[[], object]) -> float:
    started = time.perf_counter()
    part()
    return (time.perf_counter() - started) / ITEMS * 1e6


def _elsewhere(what: str, core: int) -> bytes:
    """The output of this script in a process pinned to one core."""
    return subprocess.run(
        [sys.executable, __file__, *what.split()],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    ).stdout


if __name__ == "__main__":
    if sys.argv[1] == "details":
        report_details()
    else:
        sys.stdout.buffer.write(msgspec.json.encode(work() if sys.argv[1] == "work" else request(int(sys.argv[2]))))
