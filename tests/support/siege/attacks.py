"""The attacks, one after the other, as docs/testing/hostile-inputs.md shows them."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from signal import SIGHUP, SIGQUIT, Signals
from typing import Any, Final

from msgspec import Struct, field

from support.siege import messages, senders
from support.siege.besieged import KEY, Besieged, Output
from support.siege.others import Client, lacks_record

_KEYS: Final = {"ADLRISK_API_KEYS": "0" * 64}  # a key that nobody has
_LARGEST_BOOK: Final = 1_500_000  # positions in ADLRISK_MAX_BOOK_BYTES
_ADMITTED_BOOK: Final = 300_000
_DENSE_BOOK: Final = 6_400  # positions in ADLRISK_INLINE_BOOK_BYTES


class Siege(Struct, frozen=True, kw_only=True):
    """What an attack has: the replica, processes to send from, and a time."""

    besieged: Besieged
    processes: Executor
    seconds: float

    def send(self, *acts: Callable[[int, float], Counter[str]]) -> str:
        """Let each of ``acts`` happen in a process of its own, at the same time; returns what came of them."""
        futures = [self.processes.submit(act, self.besieged.port, self.seconds) for act in acts]
        outcome: Counter[str] = sum((future.result() for future in futures), Counter())
        return ", ".join(f"{count:,} × {what}" for what, count in sorted(outcome.items()))


class Attack(Struct, frozen=True, kw_only=True):
    """What is done to a replica with these settings; ``act`` returns what came of it."""

    name: str
    act: Callable[[Siege], str]
    settings: dict[str, str] = field(default_factory=dict)
    with_redis: bool = False
    symbols: int = 1
    behind_seconds: float | None = None
    output: Output = "log"
    others_reconnect: bool = False
    ends_it: bool = False  # nobody else is there, and there is no afterwards


def _sending(act: Callable[..., Counter[str]], **given: Any) -> Callable[[Siege], str]:
    return lambda siege: siege.send(partial(act, **given))


def _send_unknown_symbols(siege: Siege, *, count: int) -> str:
    named = (partial(senders.send_unknown_symbols, prefix=f"x{number}-", per_second=2.0) for number in range(count))
    return siege.send(*named)


def _evict(siege: Siege) -> str:
    """A record that was used, one batch, and the store is gone: the record is still known."""
    symbol = "ETHUSDT"
    siege.besieged.put_record(symbol)
    assert siege.besieged.store is not None
    with Client(siege.besieged.port, timeout_seconds=60.0) as client:
        client.ask(messages.request("/scores", messages.unknown_symbols(10_000), key=KEY))
        siege.besieged.store.kill()
        _, score = client.ask(messages.request("/score", messages.score(symbol), key=KEY))
    time.sleep(siege.seconds / 2)
    return f"scored {json.loads(score)['score']} instead of {messages.SCORE_WITH_RECORD}"


def _put_at_a_right_clock(siege: Siege) -> str:
    """A record once a second at a replica whose clock is right; both questions are asked of the one that is behind."""
    outcome: Counter[str] = Counter()
    until = time.monotonic() + siege.seconds
    with Client(siege.besieged.port) as client:
        while time.monotonic() < until:
            siege.besieged.put_record()
            shown, _ = client.ask(messages.request(messages.market_path(), method="GET", key=KEY))
            _, score = client.ask(messages.request("/score", messages.score(), key=KEY))
            agree = (shown == 200) != lacks_record(score)
            outcome["GET and POST agree" if agree else "GET shows what POST does not use"] += 1
            time.sleep(1.0)
    return ", ".join(f"{count} × {what}" for what, count in outcome.items())


def _do_nothing(siege: Siege) -> str:
    time.sleep(siege.seconds)
    return ""


def _rank_first_books(siege: Siege) -> str:
    asked = messages.request("/queue/rank", messages.book(3 * _DENSE_BOOK))
    took = []
    with Client(siege.besieged.port, timeout_seconds=60.0) as client:
        for _ in range(2):
            began = time.monotonic()
            client.ask(asked)
            took.append(f"{time.monotonic() - began:.2f} s")
    return f"the first took {took[0]}, the next {took[1]}"


def _signal(siege: Siege, *, number: Signals) -> str:
    """A signal in the middle of a request, which is completed afterwards."""
    asked = messages.request("/score", messages.score(), key=KEY)
    with socket.create_connection(("127.0.0.1", siege.besieged.port), timeout=5.0) as connection:
        connection.sendall(asked[:-10])
        time.sleep(0.5)
        siege.besieged.replica.signal(number)
        time.sleep(0.5)
        try:
            connection.sendall(asked[-10:])
            answer = connection.recv(12).decode()[-3:] or "no answer"
        except OSError:
            answer = "no answer"
    return f"request in progress: {answer}; exit status {siege.besieged.replica.wait()}"


def _tiny_chunks(name: str, path: str, connections: int, **given: Any) -> Attack:
    act = _sending(senders.send_tiny_chunks, path=path, connections=connections)
    return Attack(name=f"chunks of one byte {name}, {connections} at a time", act=act, **given)


def _large_books(
    name: str, path: str, book: Callable[[int], bytes], size: int, *, callers: int = 1, reads: bool = True
) -> Attack:
    act = _sending(senders.send_books, book=book, size=size, path=path, callers=callers, reads=reads)
    return Attack(name=f"{name}, {size:,} positions", act=act)


ATTACKS: Final = (
    Attack(name="nothing", act=_do_nothing, with_redis=True),
    _large_books("rank", "/queue/rank", messages.book, _LARGEST_BOOK),
    _large_books("six policies", "/adl/allocate", messages.allocation, _LARGEST_BOOK),
    _large_books(
        "six policies, four that read nothing",
        "/adl/allocate",
        messages.allocation,
        _LARGEST_BOOK,
        callers=4,
        reads=False,
    ),
    _large_books("rank, four at a time", "/queue/rank", messages.book, _ADMITTED_BOOK, callers=4),
    *(
        Attack(
            name=f"10,000 unknown symbols, {count} sender{'s' * (count > 1)}",
            act=partial(_send_unknown_symbols, count=count),
            with_redis=True,
            symbols=100,
        )
        for count in (1, 3)
    ),
    Attack(name="10,000 unknown symbols, then Redis is killed", act=_evict, with_redis=True),
    *(
        Attack(name=f"clock {behind:g} s behind", act=_put_at_a_right_clock, with_redis=True, behind_seconds=behind)
        for behind in (0.3, 1.5, 30.0)
    ),
    _tiny_chunks("after a 404", "/nowhere", 1),
    _tiny_chunks("after a 401", "/scores", 1, settings=_KEYS),
    _tiny_chunks("after a 401", "/scores", 4, settings=_KEYS),
    _tiny_chunks("as a batch", "/scores", 1),
    _tiny_chunks("as a batch", "/scores", 4),
    Attack(name="GET /docs, 64 at a time, pipelined", act=_sending(senders.get_docs, connections=64)),
    Attack(name="standard output on a full disk", act=_do_nothing, output="full disk"),
    Attack(name="standard output that nobody reads", act=_do_nothing, output="unread pipe"),
    *(
        Attack(
            name=f"{count:,} silent connections",
            act=_sending(senders.hold_silent, count=count),
            others_reconnect=True,
        )
        for count in (900, 949, 960, 1000)
    ),
    Attack(
        name=f"six policies, {_DENSE_BOOK:,} positions in 118 kB, 10 a second",
        act=_sending(
            senders.ask_at_rate,
            path="/adl/allocate",
            body=messages.allocation(_DENSE_BOOK),
            per_second=10.0,
            callers=4,
        ),
    ),
    Attack(
        name="score of 62 kB of denormal numbers, 27 a second",
        act=_sending(senders.ask_at_rate, path="/score", body=messages.denormals(62_000), per_second=27.0, callers=2),
    ),
    Attack(name="batch of 300, sending ended", act=_sending(senders.half_close, times=20)),
    Attack(name="first book for the worker", act=_rank_first_books),
    Attack(name="SIGHUP", act=partial(_signal, number=SIGHUP), ends_it=True),
    Attack(name="SIGQUIT", act=partial(_signal, number=SIGQUIT), ends_it=True),
)
