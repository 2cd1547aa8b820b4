"""Rate limits: who is counted, what a rejected client is told, and what happens when the counters fail."""

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits import parse

from adlrisk.api.limits import rate_counters
from adlrisk.api.limits.api_keys import digest_key
from support.clocks import record_waits
from support.hostile.failure_cases import JSON, SCORE, WORKED
from support.redis_servers import COMMANDS, Proxy, RedisServer, cluster, sentinel, wait_for
from support.running import API_KEY, RunningServer, assert_problem, example, serving

FIRST, SECOND = "the first bot's key", "the second bot's key"
KEYS = f"{digest_key(FIRST)},{digest_key(SECOND)}"


@pytest.fixture(autouse=True)
def _probes_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes of failing counters come after a tenth of the time."""
    monkeypatch.setattr("adlrisk.api.limits.rate_breaker._PROBE_SECONDS", 0.1)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each wait of a request for the counters, whether they answered within the deadline."""
    return record_waits(monkeypatch, "adlrisk.api.limits.rate_breaker")


def limited(**settings: Any) -> contextlib.AbstractContextManager[tuple[RunningServer, httpx.Client]]:
    """A server that takes three requests an hour of each caller, and a client of it.

    Where the deadline is not what is looked at, it is long enough for a busy machine.
    """
    return serving(**{"rate_limit": "3/hour", "redis_deadline_seconds": 5.0, **settings})


def score(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/score", content=SCORE, headers={**JSON, **headers})


def statuses(client: httpx.Client, count: int, **headers: str) -> list[int]:
    return [score(client, **headers).status_code for _ in range(count)]


def counted(client: httpx.Client, metric: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    (found,) = (float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{metric} "))
    return found


def is_checked(client: httpx.Client) -> bool:
    """Whether the limit is applied to a request, within it or beyond."""
    before = counted(client, "adlrisk_rate_limit_unchecked_total")
    score(client)
    return counted(client, "adlrisk_rate_limit_unchecked_total") == before


def test_request_beyond_the_limit_is_told_when_to_retry() -> None:
    """The fourth of three an hour is 429; its Retry-After and its detail name the same seconds."""
    with limited() as (_, client):
        assert statuses(client, 3) == [200] * 3
        refused = score(client)
        assert_problem(refused, "rate-limited", 429)
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= 2 * 3600
        assert refused.json()["detail"] == f"More than 3 requests in 3600 s; retry in {wait} s"
        assert counted(client, 'adlrisk_rejections_total{limit="rate"}') == 1


def test_rejected_requests_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that keeps on asking is admitted again when the window has moved on, not later."""
    now = 3600.0 * 500_000
    monkeypatch.setattr("time.time", lambda: now)
    with limited() as (_, client):
        assert statuses(client, 30) == [200] * 3 + [429] * 27
        now += 3600.0
        assert statuses(client, 1) == [429]
        now += 1800.0  # a half of the three has left the window
        assert statuses(client, 3) == [200, 200, 429]
        now += 7200.0
        assert statuses(client, 3) == [200] * 3


def test_invalid_bodies_count_against_the_limit() -> None:
    """A request with an invalid body is a request all the same."""
    with limited() as (_, client):
        assert_problem(client.post("/score", content=b"{", headers=JSON), "malformed-body", 400)
        assert statuses(client, 3) == [200, 200, 429]


def test_open_endpoints_are_not_limited() -> None:
    """Health, metrics, documentation and problem types have no rate limit."""
    with limited(rate_limit="1/hour") as (_, client):
        for path in ("/health/live", "/health/ready", "/metrics", "/", "/docs", "/openapi.json", "/problems/not-found"):
            for _ in range(3):
                assert client.get(path).status_code == 200


def test_rate_is_checked_before_the_body_is_read() -> None:
    """429 comes while the body is still to be sent."""
    with limited(rate_limit="1/hour") as (server, client):
        assert statuses(client, 1) == [200]
        head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(head)
            assert connection.recv(65536).startswith(b"HTTP/1.1 429 ")


def test_each_known_key_has_its_own_quota() -> None:
    """Keys are counted separately, whatever address they come from."""
    with limited(api_keys=KEYS) as (_, client):
        assert statuses(client, 4, authorization=f"Bearer {FIRST}") == [200, 200, 200, 429]
        assert statuses(client, 4, **{"x-api-key": SECOND}) == [200, 200, 200, 429]


def test_unknown_keys_count_against_the_address() -> None:
    """Unknown keys use the address's quota, so guessing ends soon; known keys are not affected."""
    with limited(api_keys=KEYS) as (_, client):
        guesses = [score(client, **{"x-api-key": f"guess {number}"}).status_code for number in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        assert statuses(client, 1, **{"x-api-key": FIRST}) == [200]


def test_batches_and_books_have_their_own_limit() -> None:
    """They count against the batches' limit only, and scores against the requests' limit only."""
    with limited(rate_limit="1/hour", batch_rate_limit="3/hour") as (_, client):
        assert statuses(client, 2) == [200, 429]
        answers = [
            client.post("/scores", json={"items": [WORKED]}),
            client.post("/queue/rank", json=example("queue-rank.request")),
            client.post("/adl/allocate", json=example("adl-allocate.request")),
            client.post("/scores", json={"items": [WORKED]}),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["detail"].startswith("More than 3 batches in 3600 s")


def test_without_a_limit_no_request_is_rejected(client: httpx.Client) -> None:
    """By default requests are not limited, and none is counted as unchecked."""
    assert statuses(client, 50) == [200] * 50
    assert is_checked(client)


FORWARDED = [
    pytest.param({"x-forwarded-for": "192.0.2.1"}, "192.0.2.1", id="one"),
    pytest.param(
        {"x-forwarded-for": "203.0.113.9, 192.0.2.1"}, "192.0.2.1", id="what the caller made up is passed over"
    ),
    pytest.param({"x-forwarded-for": "192.0.2.1, 127.0.0.1"}, "192.0.2.1", id="a chain of trusted proxies"),
    pytest.param({"x-forwarded-for": "192.0.2.1:5123"}, "192.0.2.1", id="with a port"),
    pytest.param({"x-forwarded-for": "::ffff:192.0.2.1"}, "192.0.2.1", id="IPv4 in IPv6"),
]


@pytest.mark.parametrize(("headers", "same_as"), FORWARDED)
def test_trusted_proxy_names_the_client(headers: dict[str, str], same_as: str) -> None:
    """The last address that is not a trusted proxy's is the client's."""
    with limited(trusted_proxies="127.0.0.0/8") as (_, client):
        assert statuses(client, 3, **headers) == [200] * 3
        assert statuses(client, 1, **{"x-forwarded-for": same_as}) == [429]
        assert statuses(client, 1, **{"x-forwarded-for": "192.0.2.2"}) == [200]


def test_untrusted_proxies_are_ignored() -> None:
    """Without trusted proxies, or from another address, X-Forwarded-For changes nothing."""
    for proxies in ("", "192.0.2.0/24"):
        with limited(trusted_proxies=proxies) as (_, client):
            asked = [score(client, **{"x-forwarded-for": f"198.51.100.{number}"}).status_code for number in range(4)]
            assert asked == [200, 200, 200, 429]


def test_one_ipv6_network_is_one_client() -> None:
    """A customer has a whole /64, and would otherwise have as many quotas as addresses."""
    with limited(trusted_proxies="127.0.0.1") as (_, client):
        asked = [score(client, **{"x-forwarded-for": f"2001:db8::{number:x}"}).status_code for number in range(1, 5)]
        assert asked == [200, 200, 200, 429]
        assert statuses(client, 1, **{"x-forwarded-for": "2001:db8:0:1::1"}) == [200]


def test_memory_evicts_the_least_recent_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients come, only a limited number of them is remembered."""
    monkeypatch.setattr(rate_counters, "_MOST_COUNTS", 10)
    counters, once = rate_counters.MemoryCounters(), parse("1/hour")

    async def ask() -> list[bool]:
        callers = ["first", "first", *map(str, range(20)), "first"]
        return [await counters.count(once, caller) == 0 for caller in callers]

    assert asyncio.run(ask()) == [True, False, *[True] * 21]


def test_replicas_share_their_counts(tmp_path: Path) -> None:
    """With Redis a client has one quota across all replicas."""
    with (
        RedisServer(tmp_path) as redis,
        limited(redis_url=redis.url) as (_, one),
        limited(redis_url=redis.url) as (_, other),
    ):
        assert [*statuses(one, 2), *statuses(other, 2), *statuses(one, 1)] == [200, 200, 200, 429, 429]
        kept = {key.decode() for key in redis.client().scan_iter()}
        assert all(key.startswith("adlrisk:rate:") for key in kept)
        assert all(0 < redis.client().ttl(key) <= 2 * 3600 for key in kept)


def test_counters_work_in_a_cluster(tmp_path: Path) -> None:
    """Both windows of a client are on one node, as scripts require."""
    with cluster(tmp_path) as nodes:
        url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        with limited(redis_url=url) as (_, client):
            assert statuses(client, 4) == [200, 200, 200, 429]


def test_counters_work_behind_sentinel(tmp_path: Path) -> None:
    """Counters are on the master that Sentinel names."""
    with sentinel(tmp_path, service="main", password="pw") as (watcher, _, _):
        url = f"redis+sentinel://:pw@127.0.0.1:{watcher.port}/main"
        with limited(redis_url=url) as (_, client):
            assert statuses(client, 4) == [200, 200, 200, 429]


def test_documented_redis_rights_are_enough(tmp_path: Path) -> None:
    """A user with the rights that docs/parameters.md lists can count."""
    with RedisServer(tmp_path) as redis:
        rights = COMMANDS.split()
        redis.client().execute_command("ACL", "SETUSER", "app", "on", ">pw", "~adlrisk:*", "&adlrisk:*", *rights)
        with limited(redis_url=f"redis://app:pw@127.0.0.1:{redis.port}") as (_, client):
            assert statuses(client, 4) == [200, 200, 200, 429]


def test_requests_pass_while_redis_is_down(tmp_path: Path) -> None:
    """Requests pass unchecked, which is counted and logged once; when Redis is back, limits apply again."""
    with RedisServer(tmp_path) as redis, limited(redis_url=redis.url) as (server, client):
        assert statuses(client, 4) == [200, 200, 200, 429]
        redis.kill()
        answers = [score(client) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert counted(client, "adlrisk_rate_limit_unchecked_total") == 20
        redis.start()
        wait_for(lambda: is_checked(client), "limits that hold again")
        wait_for(lambda: 429 in statuses(client, 4), "a caller beyond the limit")
    events = [line["event"] for line in server.log_lines() if line["event"].startswith("rate limits")]
    assert events == ["rate limits not counted", "rate limits counted again"]


def test_stalled_redis_delays_one_request(tmp_path: Path, waits: list[bool]) -> None:
    """The first request waits for the deadline, the others not at all; all are answered without Redis."""
    with (
        RedisServer(tmp_path) as redis,
        limited(redis_url=redis.url, redis_deadline_seconds=0.5, rate_limit="1000/hour") as (_, client),
    ):
        assert statuses(client, 3) == [200] * 3
        with redis.stopped():
            assert statuses(client, 10) == [200] * 10
            assert waits == [True] * 3 + [False]
            assert counted(client, "adlrisk_rate_limit_unchecked_total") == 10
        wait_for(lambda: is_checked(client), "limits that hold again")


def test_slow_redis_delays_no_request(tmp_path: Path, waits: list[bool]) -> None:
    """An answer after the deadline counts as none, and a probe that is as slow does not close the circuit."""
    settings = {"redis_deadline_seconds": 0.25, "redis_patience_seconds": 5.0}
    with (
        RedisServer(tmp_path) as redis,
        Proxy(redis.port) as proxy,
        limited(redis_url=f"redis://127.0.0.1:{proxy.port}", **settings) as (_, client),
    ):
        wait_for(lambda: is_checked(client), "limits that hold")
        waits.clear()
        proxy.delay_seconds = 0.2  # each way
        assert not is_checked(client)
        passed = proxy.passed
        wait_for(lambda: proxy.passed >= passed + 4, "two probes, there and back")
        assert not is_checked(client)
        assert waits == [False]
        proxy.delay_seconds = 0.0
        wait_for(lambda: is_checked(client), "limits that hold again")


def test_service_stops_while_counters_hang(tmp_path: Path) -> None:
    """A Redis that never answers does not keep the server from stopping."""
    settings = {"redis_deadline_seconds": 0.5, "redis_patience_seconds": 60.0}
    with RedisServer(tmp_path) as redis, limited(redis_url=redis.url, **settings) as (server, client):
        assert statuses(client, 1) == [200]
        with redis.stopped():
            assert statuses(client, 1) == [200]
            server.__exit__(None, None, None)


@pytest.mark.parametrize("key", [API_KEY, "", "x" * 300])
def test_redis_contains_no_keys(tmp_path: Path, key: str) -> None:
    """Redis holds only a part of a key's digest."""
    with RedisServer(tmp_path) as redis, limited(redis_url=redis.url, api_keys=digest_key(API_KEY)) as (_, client):
        score(client, **({"x-api-key": key} if key else {}))
        kept = " ".join(name.decode() for name in redis.client().scan_iter())
    assert ("key:" in kept) == (key == API_KEY)
    assert ("address:127.0.0.1" in kept) == (key != API_KEY)
    assert API_KEY not in kept
