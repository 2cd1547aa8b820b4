"""``POST /scores`` with a thousand items through a running service, against the least that has to be done for them.

That is, on the service's own processor: msgspec decodes each request and encodes each answer, and the domain scores
each position.
"""

import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from served import BODY, CLIENTS_CORE, SERVERS_CORE

from adlrisk.api.score import ScoreRequest, answer_score
from adlrisk.domain.score import score
from adlrisk.venues.catalogue import load_catalogue

ITEMS: Final = 1000

_REPEATED: Final = 20


class Floor(Struct, frozen=True, kw_only=True):
    """The least for one item, µs."""

    decode: float
    domain: float
    encode: float

    @property
    def whole(self) -> float:
        """All of it."""
        return self.decode + self.domain + self.encode


def report_batches(port: int, *, rounds: int) -> None:
    """Print the table for the service on ``port``."""
    seen = []
    for _ in range(rounds):
        floor = msgspec.json.decode(_elsewhere("floor", SERVERS_CORE), type=Floor)
        seen.append((floor, msgspec.json.decode(_elsewhere(f"request {port}", CLIENTS_CORE), type=float)))
    ratios = [whole / floor.whole for floor, whole in seen]
    floor, whole = seen[0][0], statistics.median(taken for _, taken in seen)
    parts = [statistics.median(getattr(floor, part) for floor, _ in seen) for part in ("decode", "domain", "encode")]
    print(
        f"\n| µs for each of {ITEMS:,} items of `POST /scores` | decode | domain | encode | request | ratio: min, median, max |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| | {' | '.join(f'{part:.1f}' for part in parts)} | {whole:.1f} "
        f"| {min(ratios):.2f}, **{statistics.median(ratios):.2f}**, {max(ratios):.2f} |"
    )


def items() -> list[dict[str, Any]]:
    """Positions at several venues, on both sides, with more and less known about them; always the same."""
    chance = random.Random(1)  # noqa: S311 (chance, not secrets)
    worked = msgspec.json.decode(BODY)
    made = []
    for venue, side, _ in itertools.islice(itertools.product(load_catalogue(), ("long", "short"), range(99)), ITEMS):
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
        market = {name: value for name, value in known.items() if chance.random() < 0.7}
        made.append({"venue": venue, "position": position, "market": market, "as_of": worked["as_of"]})
    return made


def floor() -> Floor:
    """The least for each item, the median of some repetitions."""
    decode, encode = msgspec.json.Decoder(ScoreRequest).decode, msgspec.json.Encoder().encode
    venues, now = load_catalogue(), datetime.now(UTC)
    sent = [msgspec.json.encode(item) for item in items()]
    requests = [decode(item) for item in sent]
    answers = [answer_score(request, venues=venues, now=now) for request in requests]

    def scored() -> None:
        for request in requests:
            score(request.position, market=request.market, rules=venues[request.venue].rules, as_of=now)

    return Floor(
        decode=_each(lambda: [decode(item) for item in sent]),
        domain=_each(scored),
        encode=_each(lambda: [encode(answer) for answer in answers]),
    )


def request(port: int) -> float:
    """Microseconds for each item of a request, from the first byte sent to the last received: the median of some."""
    body = msgspec.json.encode({"items": items()})
    head = f"POST /scores HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    sent, buffer = head.encode() + body, bytearray(1 << 22)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _each(lambda: _asked(connection, sent, memoryview(buffer)))


def _asked(connection: socket.socket, sent: bytes, buffer: memoryview) -> None:
    """Send and receive without ever sleeping: who sleeps has to be woken, which costs the service (see ``load``)."""
    connection.sendall(sent)
    connection.setblocking(False)  # noqa: FBT003 (its only argument)
    got, whole = 0, 1 << 62
    while got < whole:
        try:
            got += connection.recv_into(buffer[got:])
        except BlockingIOError:
            continue
        if whole == 1 << 62:
            head = bytes(buffer[:got]).partition(b"\r\n\r\n")[0]
            whole = len(head) + 4 + int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    if not bytes(buffer[:15]) == b"HTTP/1.1 200 OK":
        raise SystemExit(bytes(buffer[:got]).decode())
    connection.setblocking(True)  # noqa: FBT003


def _each(work: Any) -> float:
    taken = []
    for _ in range(_REPEATED):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) / ITEMS * 1e6)
    return statistics.median(taken)


def _elsewhere(what: str, core: int) -> bytes:
    """The output of this script in a process on one processor."""
    return subprocess.run(
        [sys.executable, __file__, *what.split()],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 (no threads here)
    ).stdout


if __name__ == "__main__":
    work: Any = floor() if sys.argv[1] == "floor" else request(int(sys.argv[2]))
    sys.stdout.buffer.write(msgspec.json.encode(work))
