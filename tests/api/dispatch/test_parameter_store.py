"""Parameters in Redis: every form of deployment, changes that reach other replicas, and service without Redis.

All servers are real. That scores do not wait for the store is checked by counting waits, not by timing them.
"""

import asyncio
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec
import pytest

from adlrisk.api.endpoints.venues.markets import PUT_MARKET
from adlrisk.settings import Settings
from support.clocks import HandClock, reading_by, record_waits
from support.redis_servers import COMMANDS, Proxy, RedisServer, cluster, cluster_client, sentinel, tls, wait_for
from support.running import ADMIN_KEY, WRITABLE, RunningServer, assert_problem, example, path_of
from support.sockets import HEAD, answer_of, busy, connected, next_answer, seen

MARKET = path_of(PUT_MARKET)
SCORE: dict[str, Any] = {
    "venue": "binance",
    "symbol": "BTCUSDT",
    "position": {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "leverage": 12},
}
RECORD: dict[str, Any] = {"funding_rate": 0.01, "ttl_seconds": 3600}
PROMPT = {"redis_deadline_seconds": 0.5, "redis_patience_seconds": 2.0}  # a server that is only starved is no slow one
FAR = {"redis_refresh_seconds": 600.0}  # what arrives is what a message has brought


def settings_for(url: str, **other: Any) -> Settings:
    # Where deadline and patience are not what is looked at, they are long enough for a busy machine.
    given = {"redis_refresh_seconds": 0.2, "redis_patience_seconds": 5.0, "redis_deadline_seconds": 5.0, **other}
    return msgspec.structs.replace(WRITABLE, redis_url=url, **given)


class Replica:
    """A running service and an operator's client of it."""

    def __init__(self, running: RunningServer, client: httpx.Client) -> None:
        self.running = running
        self.client = client

    def ready(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get("/health/ready").json()
        return answer

    def threshold(self) -> float:
        card: dict[str, Any] = self.client.get("/venues/binance").json()
        return float(card["score"]["leverage"])

    def patch(self, leverage: float, **headers: str) -> httpx.Response:
        return self.client.patch("/venues/binance", json={"score": {"leverage": leverage}}, headers=headers)

    def funding(self) -> float | None:
        """Return the funding rate that a score uses, from the record if there is one."""
        answer = self.client.post("/score", json=SCORE).json()
        value: float | None = answer["signals"][2]["value"]
        return value

    def store_calls(self, operation: str, outcome: str = "ok") -> float:
        """Return how many calls of the store had this outcome."""
        metric = "adlrisk_store_operation_duration_seconds_count"
        return seen(self.running, metric, operation=operation, outcome=outcome)

    def wait_for_refreshes(self) -> None:
        """Wait until the current content of the store has been read."""
        before = self.store_calls("read_overrides")
        wait_for(
            lambda: self.store_calls("read_overrides") >= before + 2, "two refreshes"
        )  # the first may be under way

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.running.log_lines() if line["event"] == name]

    def is_ready(self) -> bool:
        return self.ready() == {"status": "ready", "store": "redis", "reasons": []}

    def is_degraded(self, *reasons: str) -> bool:
        found = self.ready()
        return found["status"] == "degraded" and set(found["reasons"]) <= set(reasons)


@contextmanager
def replica(url: str, **other: Any) -> Iterator[Replica]:
    with (
        RunningServer(settings_for(url, **other), log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}, timeout=30) as client,
    ):
        yield Replica(running, client)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as started:
        yield started


@pytest.fixture(autouse=True)
def _probes_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes of a failing store come after a tenth of the time."""
    monkeypatch.setattr("adlrisk.venues.store_sync._PROBE_SECONDS", 0.1)


@pytest.fixture
def probes_never_come(monkeypatch: pytest.MonkeyPatch, _probes_come_soon: None) -> None:
    """A failing store is not probed, nor is a denied subscription renewed."""
    monkeypatch.setattr("adlrisk.venues.store_sync._PROBE_SECONDS", 600.0)


@pytest.fixture
def clock() -> Iterator[HandClock]:
    """The clock by which services determine the age of cached records."""
    clock = HandClock()
    with reading_by(clock):
        yield clock


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each wait of requests for a record, whether it came within the deadline."""
    return record_waits(monkeypatch, "adlrisk.venues.record_reader")


class Load:
    """A context that scores a position with a symbol continuously, and collects the statuses."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self._body = json.dumps(SCORE).encode()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.statuses: list[int] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._client.close()

    def wait_for_more(self) -> None:
        """Wait until some more scores are answered."""
        before = len(self.statuses)
        wait_for(lambda: len(self.statuses) >= before + 20, "scores to be answered")

    def _run(self) -> None:
        while not self._ends.is_set():
            response = self._client.post("/score", content=self._body, headers={"content-type": "application/json"})
            self.statuses.append(response.status_code)


def assert_unharmed(load: Load, waits: list[bool], *, in_vain: int) -> None:
    """Assert that no score failed, and at most ``in_vain`` of them waited for a store that did not answer in time."""
    assert set(load.statuses) == {200}
    assert waits.count(False) <= in_vain < len(load.statuses)


# Every form of deployment.


def assert_replicas_share_parameters(one: Replica, other: Replica) -> None:
    """Assert that a change at one replica takes effect at the other, and that records are shared."""
    for each in (one, other):  # one that starts while others do may find the store slow at first
        wait_for(each.is_ready, "a replica that is ready")
    assert one.patch(9.0).status_code == 200
    assert one.threshold() == 9.0
    wait_for(lambda: other.threshold() == 9.0, "the other replica")
    assert one.client.put(MARKET, json=RECORD).status_code == 200
    assert (one.funding(), other.funding()) == (0.01, 0.01)
    items = [{**SCORE, "symbol": symbol} for symbol in ("BTCUSDT", "ETHUSDT", "X", "Y")]
    results = other.client.post("/scores", json={"items": items}).json()["results"]
    assert [result["market"]["status"] for result in results] == ["used", "absent", "absent", "absent"]
    assert one.client.delete("/venues/binance/override").status_code == 200
    wait_for(lambda: other.threshold() == 15.0, "the other replica")


def test_replicas_share_a_standalone_server(server: RedisServer) -> None:
    """Changes reach the other replica by message, long before the next refresh."""
    with replica(server.url, **FAR) as one, replica(server.url, **FAR) as other:
        assert_replicas_share_parameters(one, other)
        keys = sorted(key.decode() for key in server.client().scan_iter())
        assert keys == ["adlrisk:market:binance:BTCUSDT"]
        assert 3500 < server.client().ttl(keys[0]) <= 3600


def test_prefixes_separate_services_on_one_server(server: RedisServer) -> None:
    """Two services share a server without seeing each other's parameters."""
    with replica(f"{server.url}/3") as one, replica(server.url, redis_prefix="staging:adl") as other:
        one.patch(9.0)
        other.patch(8.0)
        for each in (one, other):
            each.wait_for_refreshes()
        assert (one.threshold(), other.threshold()) == (9.0, 8.0)
        assert server.client(db=3).exists("adlrisk:overrides")
        assert server.client().exists("staging:adl:overrides")


def test_replicas_share_a_cluster(tmp_path: Path) -> None:
    """With three masters, a batch reads records from all of them, and messages pass between them."""
    with cluster(tmp_path) as nodes:
        url = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        with replica(f"redis+cluster://{url}", **FAR) as one, replica(f"redis+cluster://{url}", **FAR) as other:
            assert_replicas_share_parameters(one, other)
            for number in range(12):
                one.client.put(f"/venues/binance/markets/S{number}", json=RECORD).raise_for_status()
            items = [{**SCORE, "symbol": f"S{number}"} for number in range(12)]
            results = other.client.post("/scores", json={"items": items}).json()["results"]
            assert all(result["market"]["status"] == "used" for result in results)
            with cluster_client(nodes[0].port) as client:
                assert all(client.exists(f"adlrisk:market:binance:S{number}") for number in range(12))
            counts = [node.client().dbsize() for node in nodes]
            assert min(counts) > 0  # the records are spread over all nodes


def test_sentinel_fails_over(tmp_path: Path) -> None:
    """With a password; when the master dies, the replica takes over and parameters can be changed again."""
    with sentinel(tmp_path, service="main", password="pw") as (watcher, master, _):
        url = f"redis+sentinel://:pw@127.0.0.1:{watcher.port}/main"
        with replica(url, **PROMPT) as one, replica(url, **PROMPT) as other:
            assert_replicas_share_parameters(one, other)
            one.patch(7.0)
            master.kill()
            assert one.client.post("/score", json=SCORE).status_code == 200
            wait_for(lambda: one.patch(6.0).status_code == 200, "the replica to take over")
            wait_for(lambda: other.threshold() == 6.0, "the other replica")
            wait_for(one.is_ready, "readiness")


@pytest.mark.usefixtures("probes_never_come")
def test_tls_and_acl_users_are_supported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS-only server restricts a user to one prefix; without its certificate authority it is not trusted."""
    if "NO_SKIPS" not in os.environ and not any(
        Path(folder, "redis-server").exists() for folder in os.environ["PATH"].split(os.pathsep)
    ):
        pytest.skip("needs Debian's redis-server, which CI installs: the wheel's server has no TLS")
    with tls(tmp_path) as (server, authority):
        url = f"rediss://adlrisk:secret@127.0.0.1:{server.port}"
        trusting = {"redis_ca_file": str(authority), **FAR}
        with replica(url, **trusting) as one, replica(url, **trusting) as other:
            assert_replicas_share_parameters(one, other)
        # A service that ends in the middle of a handshake leaves it to the system to end.
        monkeypatch.setattr("adlrisk.venues.store_sync.StoreSync._listen", lambda _: asyncio.sleep(600.0))
        with replica(url) as distrustful:
            assert distrustful.is_degraded("store-unreachable")
        with replica(url.replace("secret", "wrong"), redis_ca_file=str(authority)) as denied:
            assert denied.is_degraded("store-denied")
        with replica(url, redis_ca_file=str(authority), redis_prefix="elsewhere") as denied:
            assert denied.is_degraded("store-denied")
            refused = denied.client.put(MARKET, json=RECORD)
            assert_problem(refused, "store-unavailable", 503)
            assert "store-denied" in refused.json()["detail"]


# Changes.


@pytest.mark.usefixtures("probes_never_come")
def test_lost_message_delays_a_change_until_the_refresh(server: RedisServer) -> None:
    """With publish and subscribe denied, the other replica sees a change at its next refresh."""
    server.client().execute_command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all", "-publish", "-subscribe")
    url = f"redis://mute:pw@127.0.0.1:{server.port}"
    with replica(url) as one, replica(url) as other:
        assert one.patch(9.0).status_code == 200
        wait_for(lambda: other.threshold() == 9.0, "the refresh")


def test_concurrent_patches_are_all_applied(server: RedisServer) -> None:
    """Eight writers at two replicas change eight values at the same time; afterwards all eight are in force."""
    changes: list[dict[str, Any]] = [
        {"score": {"leverage": 9}}, {"score": {"profit": 0.5}}, {"score": {"adl_meter": 0.7}},
        {"score": {"top_heavy_share": 0.6}}, {"score": {"funding_rate_8h": 0.2}}, {"funding": {"interval_hours": 4}},
        {"execution": {"price": "mark"}}, {"maintenance_margin_rate": 0.03},
    ]  # fmt: skip
    with replica(server.url) as one, replica(server.url) as other:
        statuses: list[int] = []

        def send(number: int) -> None:
            url = (one, other)[number % 2].running.url
            answered = httpx.patch(
                f"{url}/venues/binance", json=changes[number], headers={"x-api-key": ADMIN_KEY}, timeout=30
            )
            statuses.append(answered.status_code)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(len(changes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * len(changes)
        for each in (one, other):
            each.wait_for_refreshes()
            card = each.client.get("/venues/binance").json()
            assert card["score"]["leverage"] == 9
            assert (card["score"]["profit"], card["score"]["adl_meter"]) == (0.5, 0.7)
            assert (card["score"]["top_heavy_share"], card["score"]["funding_rate_8h"]) == (0.6, 0.2)
            assert (card["funding"]["interval_hours"], card["maintenance_margin_rate"]) == (4, 0.03)
            assert card["execution"]["price"] == "mark"


@pytest.mark.usefixtures("probes_never_come")
def test_if_match_works_across_replicas(server: RedisServer) -> None:
    """A change made at one replica causes a 412 at another that has not seen it yet."""
    server.client().execute_command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all", "-publish", "-subscribe")
    url = f"redis://mute:pw@127.0.0.1:{server.port}"
    with replica(url, **FAR) as one, replica(url, **FAR) as other:
        assert other.store_calls("read_overrides") == 1  # it may not listen, so it reads no more
        etag = other.client.get("/venues/binance").headers["etag"]
        one.patch(9.0)
        assert other.threshold() == 15.0
        assert_problem(other.patch(8.0, **{"if-match": etag}), "precondition-failed", 412)
        assert other.patch(8.0).json()["score"]["leverage"] == 8.0


def test_changes_survive_a_restart(server: RedisServer) -> None:
    """Overrides and records outlive the service."""
    with replica(server.url) as before:
        before.patch(9.0)
        before.client.put(MARKET, json=RECORD)
    with replica(server.url) as after:
        assert (after.threshold(), after.funding()) == (9.0, 0.01)


def test_flushall_restores_the_catalogue(server: RedisServer, clock: HandClock) -> None:
    """What is no longer in the store is no longer in force: overrides at the next refresh, records within a second."""
    with replica(server.url) as one:
        one.patch(9.0)
        one.client.put(MARKET, json=RECORD)
        server.client().flushall()
        wait_for(lambda: one.threshold() == 15.0, "the refresh")
        clock.seconds += 0.9
        assert one.funding() == 0.01
        clock.seconds += 0.1
        assert one.funding() is None
        assert one.is_ready()


@pytest.mark.parametrize(
    "kept",
    [
        b"", b"\xff\x00", b"{", b"[1]", b'{"version":99,"override":{}}', b'{"version":1,"override":{"score":7}}',
        b'{"version":1,"override":{"score":{"thin_sessions":[{"from":"Sat 20:00","to":"Sat 20:00"}]}}}',
    ],
)  # fmt: skip
def test_unreadable_override_is_ignored_and_logged_once(server: RedisServer, kept: bytes) -> None:
    """Broken or of a later version, it is ignored: one log line, no 500; a patch is rejected, a DELETE removes it."""
    valid = b'{"version":1,"override":{"score":{"leverage":7.0}}}'  # yet not under the venue's own id
    stored = {"binance": kept, "okx": kept, "nowhere": b"{}", "binanceusdm": valid}
    server.client().hset("adlrisk:overrides", mapping=stored)
    with replica(server.url) as one:
        assert one.threshold() == 15.0
        one.wait_for_refreshes()
        ignored = sorted(line["key"] for line in one.events("store value ignored"))
        assert ignored == [f"override of {venue}" for venue in sorted(stored)]
        assert "adlrisk_store_values_ignored_total 4.0" in one.client.get("/metrics").text
        assert one.is_ready()
        assert_problem(one.patch(9.0), "override-unreadable", 409)
        assert server.client().hget("adlrisk:overrides", "binance") == kept
        etag = one.client.get("/venues/binance").headers["etag"]
        refused = one.client.delete("/venues/binance/override", headers={"if-match": etag})
        assert_problem(refused, "override-unreadable", 409)
        assert one.client.delete("/venues/binance/override").status_code == 200
        assert one.patch(9.0).status_code == 200


def stored_record(**other: Any) -> bytes:
    """Return a record as it is stored, with something changed."""
    good = {"version": 1, "market": {}, "observed_at": "2026-11-18T11:59:00Z", "source": "x", "ttl_seconds": 60}
    return json.dumps({**good, **other}).encode()


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff",
        b"[]",
        stored_record(version=2),
        stored_record(market={"funding_rate": "a"}),
        stored_record(market={"funding_rate": 1e16}),
        stored_record(observed_at="2026-11-18T11:59:00"),
        stored_record(observed_at="9999-12-31T23:59:59Z"),
        stored_record(observed_at="0001-01-01T00:00:00+12:00"),
        stored_record(observed_at="9999-12-31T23:59:59-12:00"),
        stored_record(source=1),
        stored_record(
            market={"maintenance_tiers": [{"up_to_notional": 2, "rate": 0.1}, {"up_to_notional": 1, "rate": 0.1}]}
        ),
    ],
)
def test_unreadable_record_is_ignored_and_logged_once(server: RedisServer, clock: HandClock, kept: bytes) -> None:
    """Broken or future, the score rests on the request alone; one log line, no 500; the next record is used."""
    server.client().set("adlrisk:market:binance:BTCUSDT", kept)
    with replica(server.url) as one:
        assert one.funding() is None
        clock.seconds += 1.0
        assert one.funding() is None
        assert one.store_calls("read_markets") == 2
        assert_problem(one.client.get(MARKET), "store-unavailable", 503)
        one.client.put("/venues/binance/markets/ETHUSDT", json=RECORD).raise_for_status()
        items = [SCORE, {**SCORE, "symbol": "ETHUSDT"}]
        results = one.client.post("/scores", json={"items": items}).json()["results"]
        assert [result["market"]["status"] for result in results] == ["unreadable", "used"]
        assert len(one.events("store value ignored")) == 1
        assert one.client.put(MARKET, json=RECORD).status_code == 200
        assert one.funding() == 0.01


def test_redis_key_of_another_type_is_no_defect(server: RedisServer) -> None:
    """A string instead of the hash degrades the service; a list instead of a record counts as no record."""
    server.client().set("adlrisk:overrides", b"text")
    server.client().rpush("adlrisk:market:binance:BTCUSDT", b"item")
    with replica(server.url) as one:
        assert one.is_degraded("store-refused")
        assert one.funding() is None
        assert_problem(one.patch(9.0), "store-unavailable", 503)
        server.client().delete("adlrisk:overrides")
        wait_for(one.is_ready, "recovery")
        assert one.funding() is None


# Life without Redis.


def test_service_starts_without_redis_and_picks_it_up_later(tmp_path: Path) -> None:
    """The service starts at once with the bundled cards, degraded, and uses the store once it is there."""
    absent = RedisServer(tmp_path / "redis")
    with replica(absent.url) as one:
        assert one.is_degraded("store-unreachable")
        assert one.threshold() == 15.0
        assert one.funding() is None
        assert_problem(one.patch(9.0), "store-unavailable", 503)
        assert_problem(one.client.put(MARKET, json=RECORD), "store-unavailable", 503)
        assert_problem(one.client.get(MARKET), "store-unavailable", 503)
        with absent:
            absent.client().hset("adlrisk:overrides", "binance", b'{"version":1,"override":{"score":{"leverage":9}}}')
            wait_for(one.is_ready, "the store")
            wait_for(lambda: one.threshold() == 9.0, "the overrides")
            assert one.patch(8.0).status_code == 200


def degraded_metric(one: Replica) -> str:
    """Return the metric's lines, one for each reason."""
    lines = one.client.get("/metrics").text.splitlines()
    return "\n".join(line for line in lines if line.startswith("adlrisk_store_degraded{"))


def assert_survives_failure(
    one: Replica, waits: list[bool], breaks: Callable[[], None], mends: Callable[[], None], *reasons: str
) -> None:
    """Assert that scores continue with the last known parameters while the store fails, and that it recovers."""
    one.patch(9.0).raise_for_status()
    one.client.put(MARKET, json=RECORD).raise_for_status()
    assert one.funding() == 0.01
    with Load(one.running.url) as load:
        load.wait_for_more()
        breaks()
        wait_for(lambda: one.is_degraded(*reasons), "degradation")
        failed = one.store_calls("read_overrides", "failed")
        wait_for(lambda: one.store_calls("read_overrides", "failed") > failed, "a probe in vain")
        load.wait_for_more()
        assert one.is_degraded(*reasons)
        assert (one.threshold(), one.funding()) == (9.0, 0.01)  # what was known
        assert "} 1.0" in degraded_metric(one)
        refused = one.patch(7.0)
        assert_problem(refused, "store-unavailable", 503)
        assert int(refused.headers["retry-after"]) >= 1
        mends()
        wait_for(one.is_ready, "recovery")
        load.wait_for_more()
    # One score may have met the failure, and one more each probe that came through in between.
    assert_unharmed(load, waits, in_vain=3)
    assert len(one.events("store degraded")) == len(one.events("store recovered")) <= 3
    assert one.patch(7.0).status_code == 200
    assert "} 1.0" not in degraded_metric(one)


def test_service_survives_a_redis_restart(tmp_path: Path, waits: list[bool]) -> None:
    """The server dies and comes back with its data."""
    saved = ("--appendonly", "yes", "--appendfsync", "always")
    with RedisServer(tmp_path / "redis", *saved) as server, replica(server.url, **PROMPT) as one:
        assert_survives_failure(one, waits, server.kill, server.start, "store-unreachable", "store-slow")


def test_service_survives_a_hanging_redis(server: RedisServer, waits: list[bool]) -> None:
    """The server accepts connections and never answers."""
    with replica(server.url, **PROMPT) as one, ExitStack() as stack:

        def stop() -> None:
            stack.enter_context(server.stopped())

        assert_survives_failure(one, waits, stop, stack.close, "store-slow", "store-unreachable")


def test_scores_do_not_wait_for_a_slow_redis(server: RedisServer, waits: list[bool]) -> None:
    """If the server answers long after the deadline, changes still pass, and scores do not wait for it."""
    patient = {"redis_deadline_seconds": 0.25}
    with Proxy(server.port) as proxy, replica(f"redis://127.0.0.1:{proxy.port}", **patient) as one:
        one.client.put(MARKET, json=RECORD).raise_for_status()
        assert one.funding() == 0.01
        with Load(one.running.url) as load:
            load.wait_for_more()
            proxy.delay_seconds = 0.2  # each way
            wait_for(lambda: one.is_degraded("store-slow"), "degradation")
            one.wait_for_refreshes()
            load.wait_for_more()
            assert one.is_degraded("store-slow")
            assert one.funding() == 0.01
            assert one.patch(9.0).status_code == 200
            assert one.threshold() == 9.0
            proxy.delay_seconds = 0.0
            wait_for(one.is_ready, "recovery")
        assert_unharmed(load, waits, in_vain=3)


def test_silent_subscription_is_renewed(server: RedisServer) -> None:
    """After a half-open drop, remote changes arrive as soon as it is noticed, long before the next refresh."""
    with (
        Proxy(server.port) as proxy,
        replica(f"redis://127.0.0.1:{proxy.port}", **FAR, redis_patience_seconds=0.3) as one,
        replica(server.url, **FAR) as other,
    ):
        other.patch(9.0)
        wait_for(lambda: one.threshold() == 9.0, "the message")
        proxy.mute()
        other.patch(8.0)
        wait_for(lambda: one.threshold() == 8.0, "a new subscription")


def test_idle_subscription_is_kept(server: RedisServer) -> None:
    """An idle connection is pinged, answers, and stays."""
    server.client().config_resetstat()

    def calls(command: str) -> int:
        return int(server.client().info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])

    with replica(server.url, redis_patience_seconds=0.5) as one:
        wait_for(lambda: calls("ping") >= 2, "two questions")
        assert calls("subscribe") == 1
        assert one.is_ready()


def owner_of(key: str, nodes: list[RedisServer]) -> int:
    """Return which of the Cluster's nodes has the key."""
    with cluster_client(nodes[0].port) as client:
        slot: int = client.keyslot(key)
    return slot // (16384 // 3 + 1)


def test_one_stalled_cluster_node_delays_one_score(tmp_path: Path, waits: list[bool]) -> None:
    """Scores of symbols on that node wait once, not each; overrides on another node stay readable."""
    with cluster(tmp_path) as nodes:
        for node in nodes:
            node.client().config_set("cluster-require-full-coverage", "no")
        overrides, record = owner_of("adlrisk:overrides", nodes), owner_of("adlrisk:market:binance:BTCUSDT", nodes)
        assert overrides != record  # else the test would show nothing
        url = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        with replica(f"redis+cluster://{url}", redis_deadline_seconds=0.5, redis_patience_seconds=1.0) as one:
            one.client.put(MARKET, json=RECORD).raise_for_status()
            with Load(one.running.url) as load, nodes[record].stopped():
                wait_for(lambda: one.is_degraded("store-slow", "store-unreachable"), "degradation")
                wait_for(lambda: one.store_calls("probe", "failed") >= 1, "a probe in vain")
                one.wait_for_refreshes()
                load.wait_for_more()
                assert one.is_degraded("store-slow", "store-unreachable")
            assert_unharmed(load, waits, in_vain=3)
            assert len(one.events("store degraded")) <= 3
            wait_for(one.is_ready, "recovery")


def test_denied_records_degrade_the_service_once(server: RedisServer, waits: list[bool]) -> None:
    """A user who may read overrides but no records: the service is degraded and logs it once, not per request."""
    server.client().execute_command("ACL", "SETUSER", "half", "on", ">pw", "~adlrisk:overrides", "&*", "+@all")
    with replica(f"redis://half:pw@127.0.0.1:{server.port}", **PROMPT) as one:
        assert one.funding() is None
        with Load(one.running.url) as load:
            wait_for(lambda: one.store_calls("probe", "failed") >= 2, "probes in vain")
            load.wait_for_more()
        assert one.is_degraded("store-denied")
        assert waits == [True]  # of the first score, which was told
        assert_unharmed(load, waits, in_vain=0)
        assert len(one.events("store degraded")) == 1


def test_concurrent_symbols_are_read_together(server: RedisServer) -> None:
    """A hundred concurrent scores of different symbols use their records, on one connection and in few reads."""
    count, kept = 100, stored_record(market={"funding_rate": 0.01}, ttl_seconds=3600)
    with replica(server.url) as one, ExitStack() as stack:
        for number in range(count):
            server.client().set(f"adlrisk:market:binance:S{number}", kept)
        callers = [stack.enter_context(connected(one.running)) for _ in range(count)]
        with busy(one.running, *callers):
            for number, caller in enumerate(callers):
                body = json.dumps({**SCORE, "symbol": f"S{number}"}).encode()
                caller.sendall(HEAD % (b"/score", len(body)) + body)
        answers = [answer_of(next_answer(caller)).json() for caller in callers]
        assert all(answer["market"]["status"] == "used" for answer in answers)
        assert one.store_calls("read_markets") <= 1 + 2
        assert not one.events("store degraded")
        assert server.client().info("clients")["connected_clients"] < 20


def test_largest_batch_of_symbols_does_not_degrade_the_service(server: RedisServer, clock: HandClock) -> None:
    """10,000 symbols in one batch are read in pieces, the last one's record as well, twice."""
    items = [{**SCORE, "symbol": f"S{number}"} for number in range(10_000)]
    with replica(server.url) as one:
        one.client.put("/venues/binance/markets/S9999", json=RECORD).raise_for_status()
        for reads in (1, 2):
            clock.seconds += 1.0
            results = one.client.post("/scores", json={"items": items}).json()["results"]
            assert [result["market"]["status"] for result in results] == ["absent"] * 9999 + ["used"]
            assert one.store_calls("read_markets") == reads * 20
        assert not one.events("store degraded")


def test_dropped_connections_are_renewed(server: RedisServer, waits: list[bool]) -> None:
    """Scores continue while dropped connections are renewed."""
    with Proxy(server.port) as proxy, replica(f"redis://127.0.0.1:{proxy.port}") as one:
        one.client.put(MARKET, json=RECORD).raise_for_status()
        with Load(one.running.url) as load:
            for _ in range(3):
                proxy.cut()
                load.wait_for_more()
            wait_for(one.is_ready, "recovery")
        assert_unharmed(load, waits, in_vain=3)
        assert one.patch(9.0).status_code == 200


def test_read_only_redis_rejects_changes(server: RedisServer, tmp_path: Path) -> None:
    """Reads continue; writes are 503 and change nothing, and readiness says why, until the server is a master."""
    follower = RedisServer(tmp_path / "replica", "--replicaof", f"127.0.0.1 {server.port}")
    with follower, replica(server.url) as one:
        one.patch(9.0)
        one.client.put(MARKET, json=RECORD)
        wait_for(lambda: follower.client().exists("adlrisk:market:binance:BTCUSDT"), "replication")
        with replica(follower.url) as reader:
            assert (reader.threshold(), reader.funding()) == (9.0, 0.01)
            assert_problem(reader.patch(8.0), "store-unavailable", 503)
            assert_problem(reader.client.put(MARKET, json=RECORD), "store-unavailable", 503)
            assert "store-read-only" in reader.patch(8.0).json()["detail"]
            assert reader.is_degraded("store-read-only")
            assert (reader.threshold(), reader.funding()) == (9.0, 0.01)
            one.patch(8.0)
            wait_for(lambda: reader.threshold() == 8.0, "replication")
            follower.client().replicaof("NO", "ONE")
            wait_for(reader.is_ready, "promotion")
            assert reader.patch(7.0).status_code == 200


def test_full_redis_rejects_changes(server: RedisServer) -> None:
    """A full server rejects writes, which are 503 and leave nothing half-written; reads continue."""
    with replica(server.url) as one:
        one.patch(9.0)
        one.client.put(MARKET, json=RECORD)
        server.client().config_set("maxmemory-policy", "noeviction")
        server.client().config_set("maxmemory", "1mb")
        assert_problem(one.patch(8.0), "store-unavailable", 503)
        assert_problem(one.client.put(MARKET, json={"funding_rate": 0.5}), "store-unavailable", 503)
        assert (one.threshold(), one.funding(), one.is_degraded("store-full")) == (9.0, 0.01, True)
        server.client().config_set("maxmemory", "0")
        wait_for(one.is_ready, "room")
        assert one.patch(8.0).status_code == 200


def test_wrong_password_degrades_the_service(tmp_path: Path) -> None:
    """The service serves the bundled cards and says that access is denied; no password is shown anywhere."""
    with RedisServer(tmp_path / "redis", "--requirepass", "right") as server:
        with replica(f"redis://:wrong-secret@127.0.0.1:{server.port}") as one:
            assert one.is_degraded("store-denied")
            assert one.funding() is None
            refused = one.patch(9.0)
            assert_problem(refused, "store-unavailable", 503)
            shown = refused.text + one.client.get("/health/ready").text + one.running.log.getvalue()
            assert "wrong-secret" not in shown
            assert str(server.port) not in refused.text
        with replica(server.url, redis_password="right") as one:
            assert one.is_ready()


def test_concurrent_scores_share_one_read(server: RedisServer, clock: HandClock) -> None:
    """Concurrent scores of one symbol read the store once a second, and a batch of many symbols reads it once."""
    with replica(server.url) as one:
        one.client.put(MARKET, json=RECORD)
        for reads in (1, 2):
            clock.seconds += 1.0  # the copy has aged
            with ExitStack() as stack:
                for load in [stack.enter_context(Load(one.running.url)) for _ in range(3)]:
                    load.wait_for_more()
            assert one.store_calls("read_markets") == reads
        items = [{**SCORE, "symbol": f"S{number}"} for number in range(500)]
        assert one.client.post("/scores", json={"items": items}).status_code == 200
        assert server.client().info("commandstats")["cmdstat_mget"]["calls"] == one.store_calls("read_markets") == 3


def test_service_stops_while_redis_hangs(server: RedisServer) -> None:
    """Shutdown does not wait for a store that does not answer: the store's timeout is longer than the shutdown's."""
    with replica(server.url, redis_deadline_seconds=0.5, redis_patience_seconds=60.0) as one:
        one.funding()
        with server.stopped():
            one.client.post("/score", json=SCORE)
            one.running.__exit__(None, None, None)


def test_examples_work_on_redis(server: RedisServer) -> None:
    """The documented patch and record give the documented answers."""
    with replica(server.url) as one:
        for name, method, path in (("venue-patch", "PATCH", "/venues/binance"), ("market", "PUT", MARKET)):
            answered = one.client.request(method, path, json=example(f"{name}.request"))
            assert answered.json() == example(f"{name}.answer")


# A server that removes overrides by itself.

FULL_AT = ("--maxmemory", "100mb", "--maxmemory-policy")


@pytest.mark.parametrize(
    ("options", "policies"),
    [
        ((*FULL_AT, "allkeys-lru"), ["allkeys-lru"]),
        ((*FULL_AT, "allkeys-random"), ["allkeys-random"]),
        ((*FULL_AT, "volatile-lru"), []),  # overrides do not expire
        ((*FULL_AT, "noeviction"), []),
        (("--maxmemory-policy", "allkeys-lru"), []),  # without a limit nothing is removed
    ],
    ids=["allkeys-lru", "allkeys-random", "volatile-lru", "noeviction", "no limit"],
)
def test_a_server_that_may_evict_overrides_is_logged_once(
    tmp_path: Path, options: tuple[str, ...], policies: list[str]
) -> None:
    """If Redis may remove any key when it is full, one warning at the start says so, and the service is ready."""
    with RedisServer(tmp_path / "redis", *options) as server, replica(server.url) as one:
        one.wait_for_refreshes()
        assert [line["policy"] for line in one.events("store may evict overrides")] == policies
        assert one.is_ready()


def test_a_cluster_that_may_evict_overrides_is_logged_once(tmp_path: Path) -> None:
    """Of a Cluster, the server that has the overrides is asked."""
    with cluster(tmp_path) as nodes:
        owner = nodes[owner_of("adlrisk:overrides", nodes)].client()
        owner.config_set("maxmemory", "100mb")
        owner.config_set("maxmemory-policy", "allkeys-lfu")
        with replica(f"redis+cluster://127.0.0.1:{nodes[0].port}") as one:
            one.wait_for_refreshes()
            assert [line["policy"] for line in one.events("store may evict overrides")] == ["allkeys-lfu"]


def test_the_eviction_policy_is_asked_again_after_a_reconnect(server: RedisServer) -> None:
    """Another server may answer then, or the same one with another configuration."""
    with Proxy(server.port) as proxy, replica(f"redis://127.0.0.1:{proxy.port}") as one:
        one.wait_for_refreshes()
        server.client().config_set("maxmemory", "100mb")
        server.client().config_set("maxmemory-policy", "allkeys-lru")
        one.wait_for_refreshes()
        assert not one.events("store may evict overrides")
        proxy.cut()
        wait_for(lambda: one.events("store may evict overrides"), "the warning")
        proxy.cut()
        one.wait_for_refreshes()
        assert len(one.events("store may evict overrides")) == 1


def test_a_user_without_info_does_not_degrade_the_service(tmp_path: Path) -> None:
    """A user who may not ask for the policy is not warned, and everything else works."""
    with RedisServer(tmp_path / "redis", *FULL_AT, "allkeys-lru") as server:
        rights = COMMANDS.replace("+info", "").split()
        server.client().execute_command("ACL", "SETUSER", "less", "on", ">pw", "~adlrisk:*", "&adlrisk:*", *rights)
        with replica(f"redis://less:pw@127.0.0.1:{server.port}") as one:
            one.wait_for_refreshes()
            assert one.is_ready()
            assert one.patch(9.0).status_code == 200
            assert not one.events("store may evict overrides")
            assert not one.events("store degraded")


def test_overrides_that_are_evicted_are_logged(tmp_path: Path) -> None:
    """If a full Redis removes the overrides, the bundled cards are in force, and one warning names their venues."""
    with RedisServer(tmp_path / "redis", *FULL_AT, "allkeys-random") as server, replica(server.url) as one:
        assert one.patch(9.0).status_code == 200
        one.wait_for_refreshes()
        client = server.client()
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 1_000_000)
        number = 0
        while client.exists("adlrisk:overrides"):
            client.set(f"other:{number}", b"x" * 50_000)
            number += 1
        wait_for(lambda: one.events("overrides lost"), "the warning")
        assert one.threshold() == 15.0
        one.wait_for_refreshes()
        assert [line["venues"] for line in one.events("overrides lost")] == [["binance"]]


def test_overrides_that_a_replica_removes_are_not_lost(server: RedisServer) -> None:
    """A reset at one replica is announced, so no replica warns."""
    with replica(server.url) as one, replica(server.url) as other:
        for leverage in (9.0, 8.0):
            assert one.patch(leverage).status_code == 200
            wait_for(lambda: other.threshold() == leverage, "the other replica")  # noqa: B023 (called at once)
            assert one.client.delete("/venues/binance/override").status_code == 200
            wait_for(lambda: other.threshold() == 15.0, "the other replica")
        for each in (one, other):
            each.wait_for_refreshes()
            each.wait_for_refreshes()
            assert not each.events("overrides lost")
