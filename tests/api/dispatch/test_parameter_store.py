"""Parameters in Redis: every form of deployment, changes that reach other replicas, and life without Redis.

Every server here is a real one. That scores do not wait for it is seen by what they wait for, not by how long.
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
from adlrisk.venues.tasks import wait_in_turns
from support.clocks import HandClock, reading_by
from support.redis_servers import Proxy, RedisServer, cluster, cluster_client, sentinel, tls, wait_for
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
        """The funding that a score rests on, from the record if there is one."""
        answer = self.client.post("/score", json=SCORE).json()
        value: float | None = answer["signals"][2]["value"]
        return value

    def asked(self, operation: str, outcome: str = "ok") -> float:
        """How often the store has been asked for something."""
        metric = "adlrisk_store_operation_duration_seconds_count"
        return seen(self.running, metric, operation=operation, outcome=outcome)

    def wait_for_refreshes(self) -> None:
        """Until what is in the store now has been read."""
        before = self.asked("read_overrides")
        wait_for(lambda: self.asked("read_overrides") >= before + 2, "two refreshes")  # the first may be under way

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
    """A store that fails is asked again in a tenth of the time."""
    monkeypatch.setattr("adlrisk.venues.live_rules._PROBE_SECONDS", 0.1)


@pytest.fixture
def probes_never_come(monkeypatch: pytest.MonkeyPatch, _probes_come_soon: None) -> None:
    """A store that fails is not asked again, nor a subscription that is denied made anew."""
    monkeypatch.setattr("adlrisk.venues.live_rules._PROBE_SECONDS", 600.0)


@pytest.fixture
def clock() -> Iterator[HandClock]:
    """By which services tell how old a record is that they have read."""
    clock = HandClock()
    with reading_by(clock):
        yield clock


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each time that requests waited for a record, whether it came within the deadline."""
    waits: list[bool] = []

    async def seen_to_wait(*awaited: Any, **named: Any) -> bool:
        waits.append(await wait_in_turns(*awaited, **named))
        return waits[-1]

    monkeypatch.setattr("adlrisk.venues.record_cache.wait_in_turns", seen_to_wait)
    return waits


class Load:
    """Scores that name a symbol, one after the other, for as long as it is entered, and what they answered."""

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

    def goes_on(self) -> None:
        """See some more of them answered."""
        before = len(self.statuses)
        wait_for(lambda: len(self.statuses) >= before + 20, "scores to be answered")

    def _run(self) -> None:
        while not self._ends.is_set():
            response = self._client.post("/score", content=self._body, headers={"content-type": "application/json"})
            self.statuses.append(response.status_code)


def assert_unharmed(load: Load, waits: list[bool], *, in_vain: int) -> None:
    """No score failed, and no more than so many waited for a store that did not answer in time."""
    assert set(load.statuses) == {200}
    assert waits.count(False) <= in_vain < len(load.statuses)


# Every form of deployment.


def assert_keeps_parameters(one: Replica, other: Replica) -> None:
    """What is changed at one replica comes into force at the other, and records are shared."""
    for each in (one, other):  # one that starts while others do may find the store slow at first
        wait_for(each.is_ready, "a replica that is ready")
    assert one.patch(9.0).status_code == 200
    assert one.threshold() == 9.0
    wait_for(lambda: other.threshold() == 9.0, "the other replica")
    assert one.client.put(MARKET, json=RECORD).status_code == 200
    assert (one.funding(), other.funding()) == (0.01, 0.01)
    items = [{**SCORE, "symbol": symbol} for symbol in ("BTCUSDT", "ETHUSDT", "X", "Y")]
    results = other.client.post("/scores", json={"items": items}).json()["results"]
    assert [result["market"] is not None for result in results] == [True, False, False, False]
    assert one.client.delete("/venues/binance/override").status_code == 200
    wait_for(lambda: other.threshold() == 15.0, "the other replica")


def test_standalone(server: RedisServer) -> None:
    """One server; changes reach the other replica by a message, for the refresh is far off."""
    with replica(server.url, **FAR) as one, replica(server.url, **FAR) as other:
        assert_keeps_parameters(one, other)
        keys = sorted(key.decode() for key in server.client().scan_iter())
        assert keys == ["adlrisk:market:binance:BTCUSDT"]
        assert 3500 < server.client().ttl(keys[0]) <= 3600


def test_a_database_and_a_prefix_of_its_own(server: RedisServer) -> None:
    """Two services share a server without seeing each other."""
    with replica(f"{server.url}/3") as one, replica(server.url, redis_prefix="staging:adl") as other:
        one.patch(9.0)
        other.patch(8.0)
        for each in (one, other):
            each.wait_for_refreshes()
        assert (one.threshold(), other.threshold()) == (9.0, 8.0)
        assert server.client(db=3).exists("adlrisk:overrides")
        assert server.client().exists("staging:adl:overrides")


def test_a_cluster(tmp_path: Path) -> None:
    """Three masters; a batch reads records from all of them, and messages pass between them."""
    with cluster(tmp_path) as nodes:
        url = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        with replica(f"redis+cluster://{url}", **FAR) as one, replica(f"redis+cluster://{url}", **FAR) as other:
            assert_keeps_parameters(one, other)
            for number in range(12):
                one.client.put(f"/venues/binance/markets/S{number}", json=RECORD).raise_for_status()
            items = [{**SCORE, "symbol": f"S{number}"} for number in range(12)]
            results = other.client.post("/scores", json={"items": items}).json()["results"]
            assert all(result["market"] for result in results)
            with cluster_client(nodes[0].port) as client:
                assert all(client.exists(f"adlrisk:market:binance:S{number}") for number in range(12))
            counts = [node.client().dbsize() for node in nodes]
            assert min(counts) > 0  # the records are spread over all nodes


def test_behind_sentinel(tmp_path: Path) -> None:
    """With a password; when the master dies the replica takes over and parameters can be changed again."""
    with sentinel(tmp_path, service="main", password="pw") as (watcher, master, _):
        url = f"redis+sentinel://:pw@127.0.0.1:{watcher.port}/main"
        with replica(url, **PROMPT) as one, replica(url, **PROMPT) as other:
            assert_keeps_parameters(one, other)
            one.patch(7.0)
            master.kill()
            assert one.client.post("/score", json=SCORE).status_code == 200
            wait_for(lambda: one.patch(6.0).status_code == 200, "the replica to take over")
            wait_for(lambda: other.threshold() == 6.0, "the other replica")
            wait_for(one.is_ready, "readiness")


@pytest.mark.usefixtures("probes_never_come")
def test_tls_and_an_acl_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that speaks TLS only and lets one user at one prefix; without the authority it is not trusted."""
    if "NO_SKIPS" not in os.environ and not any(
        Path(folder, "redis-server").exists() for folder in os.environ["PATH"].split(os.pathsep)
    ):
        pytest.skip("needs Debian's redis-server, which CI installs: the wheel's server has no TLS")
    with tls(tmp_path) as (server, authority):
        url = f"rediss://adlrisk:secret@127.0.0.1:{server.port}"
        trusting = {"redis_ca_file": str(authority), **FAR}
        with replica(url, **trusting) as one, replica(url, **trusting) as other:
            assert_keeps_parameters(one, other)
        # A service that ends in the middle of a handshake leaves it to the system to end.
        monkeypatch.setattr("adlrisk.venues.live_rules.LiveRules._listen", lambda _: asyncio.sleep(600.0))
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
def test_a_lost_message_costs_the_refresh_interval(server: RedisServer) -> None:
    """With publish and subscribe denied, the other replica sees a change when it refreshes."""
    server.client().execute_command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all", "-publish", "-subscribe")
    url = f"redis://mute:pw@127.0.0.1:{server.port}"
    with replica(url) as one, replica(url) as other:
        assert one.patch(9.0).status_code == 200
        wait_for(lambda: other.threshold() == 9.0, "the refresh")


def test_two_patches_at_once_lose_nothing(server: RedisServer) -> None:
    """Eight writers at two replicas change eight values at the same time; all eight are in force afterwards."""
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
def test_if_match_holds_across_replicas(server: RedisServer) -> None:
    """A change made at one replica a moment ago is a reason for 412 at the other, which has not seen it yet."""
    server.client().execute_command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all", "-publish", "-subscribe")
    url = f"redis://mute:pw@127.0.0.1:{server.port}"
    with replica(url, **FAR) as one, replica(url, **FAR) as other:
        wait_for(lambda: other.asked("read_overrides") == 2, "its last refresh, when it began to listen")
        etag = other.client.get("/venues/binance").headers["etag"]
        one.patch(9.0)
        assert other.threshold() == 15.0
        assert_problem(other.patch(8.0, **{"if-match": etag}), "precondition-failed", 412)
        assert other.patch(8.0).json()["score"]["leverage"] == 8.0


def test_a_restarted_service_finds_what_was_changed(server: RedisServer) -> None:
    """Overrides and records outlive the service."""
    with replica(server.url) as before:
        before.patch(9.0)
        before.client.put(MARKET, json=RECORD)
    with replica(server.url) as after:
        assert (after.threshold(), after.funding()) == (9.0, 0.01)


def test_flushall_is_the_catalogue_again(server: RedisServer, clock: HandClock) -> None:
    """What is no longer in the store is no longer in force: overrides with the next refresh, records in a second."""
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
def test_an_override_by_another_hand_is_ignored_once_and_loudly(server: RedisServer, kept: bytes) -> None:
    """Broken or future, it is as if it were not there: one log line, no 500; a patch is refused, a DELETE clears it."""
    server.client().hset("adlrisk:overrides", mapping={"binance": kept, "okx": kept, "nowhere": b"{}"})
    with replica(server.url) as one:
        assert one.threshold() == 15.0
        one.wait_for_refreshes()
        ignored = sorted(line["key"] for line in one.events("store value ignored"))
        assert ignored == ["override of binance", "override of nowhere", "override of okx"]
        assert "adlrisk_store_values_ignored_total 3.0" in one.client.get("/metrics").text
        assert one.is_ready()
        assert_problem(one.patch(9.0), "override-unreadable", 409)
        assert server.client().hget("adlrisk:overrides", "binance") == kept
        etag = one.client.get("/venues/binance").headers["etag"]
        refused = one.client.delete("/venues/binance/override", headers={"if-match": etag})
        assert_problem(refused, "override-unreadable", 409)
        assert one.client.delete("/venues/binance/override").status_code == 200
        assert one.patch(9.0).status_code == 200


def kept_record(**other: Any) -> bytes:
    """A record as it is kept, with something about it changed."""
    good = {"version": 1, "market": {}, "observed_at": "2026-11-18T11:59:00Z", "source": "x", "ttl_seconds": 60}
    return json.dumps({**good, **other}).encode()


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff",
        b"[]",
        kept_record(version=2),
        kept_record(market={"funding_rate": "a"}),
        kept_record(market={"funding_rate": 1e16}),
        kept_record(observed_at="2026-11-18T11:59:00"),
        kept_record(observed_at="9999-12-31T23:59:59Z"),
        kept_record(observed_at="0001-01-01T00:00:00+12:00"),
        kept_record(observed_at="9999-12-31T23:59:59-12:00"),
        kept_record(source=1),
        kept_record(
            market={"maintenance_tiers": [{"up_to_notional": 2, "rate": 0.1}, {"up_to_notional": 1, "rate": 0.1}]}
        ),
    ],
)
def test_a_record_by_another_hand_is_ignored_once_and_loudly(
    server: RedisServer, clock: HandClock, kept: bytes
) -> None:
    """Broken or future, the score rests on the request alone; one log line, no 500; the next record is used."""
    server.client().set("adlrisk:market:binance:BTCUSDT", kept)
    with replica(server.url) as one:
        assert one.funding() is None
        clock.seconds += 1.0
        assert one.funding() is None
        assert one.asked("read_markets") == 2
        assert_problem(one.client.get(MARKET), "unknown-market", 404)
        one.client.put("/venues/binance/markets/ETHUSDT", json=RECORD).raise_for_status()
        items = [SCORE, {**SCORE, "symbol": "ETHUSDT"}]
        results = one.client.post("/scores", json={"items": items}).json()["results"]
        assert [result["market"] is not None for result in results] == [False, True]
        assert len(one.events("store value ignored")) == 1
        assert one.client.put(MARKET, json=RECORD).status_code == 200
        assert one.funding() == 0.01


def test_a_key_of_another_type_is_no_defect(server: RedisServer) -> None:
    """A text where the hash should be degrades the service, a list where a record should be is no record."""
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


def test_absent_at_the_start_and_appearing_later(tmp_path: Path) -> None:
    """The service starts at once with the bundled cards, degraded, and picks the store up when it is there."""
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
    """The lines of the metric, one for each reason."""
    lines = one.client.get("/metrics").text.splitlines()
    return "\n".join(line for line in lines if line.startswith("adlrisk_store_degraded{"))


def broken_in_turn(
    one: Replica, waits: list[bool], breaks: Callable[[], None], mends: Callable[[], None], *reasons: str
) -> None:
    """Scores go on while the store fails, with what was known, degraded; afterwards all is as before."""
    one.patch(9.0).raise_for_status()
    one.client.put(MARKET, json=RECORD).raise_for_status()
    assert one.funding() == 0.01
    with Load(one.running.url) as load:
        load.goes_on()
        breaks()
        wait_for(lambda: one.is_degraded(*reasons), "degradation")
        failed = one.asked("read_overrides", "failed")
        wait_for(lambda: one.asked("read_overrides", "failed") > failed, "a probe in vain")
        load.goes_on()
        assert one.is_degraded(*reasons)
        assert (one.threshold(), one.funding()) == (9.0, 0.01)  # what was known
        assert "} 1.0" in degraded_metric(one)
        refused = one.patch(7.0)
        assert_problem(refused, "store-unavailable", 503)
        assert int(refused.headers["retry-after"]) >= 1
        mends()
        wait_for(one.is_ready, "recovery")
        load.goes_on()
    # One score may have met the failure, and one more each probe that came through in between.
    assert_unharmed(load, waits, in_vain=3)
    assert len(one.events("store degraded")) == len(one.events("store recovered")) <= 3
    assert one.patch(7.0).status_code == 200
    assert "} 1.0" not in degraded_metric(one)


def test_killed_and_started_again(tmp_path: Path, waits: list[bool]) -> None:
    """A server that dies and comes back with its data."""
    saved = ("--appendonly", "yes", "--appendfsync", "always")
    with RedisServer(tmp_path / "redis", *saved) as server, replica(server.url, **PROMPT) as one:
        broken_in_turn(one, waits, server.kill, server.start, "store-unreachable", "store-slow")


def test_stopped_with_sigstop(server: RedisServer, waits: list[bool]) -> None:
    """A server that accepts connections and never answers."""
    with replica(server.url, **PROMPT) as one, ExitStack() as stack:

        def stop() -> None:
            stack.enter_context(server.stopped())

        broken_in_turn(one, waits, stop, stack.close, "store-slow", "store-unreachable")


def test_slow(server: RedisServer, waits: list[bool]) -> None:
    """A server that answers long after the deadline: changes still pass, scores do not wait for it."""
    patient = {"redis_deadline_seconds": 0.25}
    with Proxy(server.port) as proxy, replica(f"redis://127.0.0.1:{proxy.port}", **patient) as one:
        one.client.put(MARKET, json=RECORD).raise_for_status()
        assert one.funding() == 0.01
        with Load(one.running.url) as load:
            load.goes_on()
            proxy.delay_seconds = 0.2  # each way
            wait_for(lambda: one.is_degraded("store-slow"), "degradation")
            one.wait_for_refreshes()
            load.goes_on()
            assert one.is_degraded("store-slow")
            assert one.funding() == 0.01
            assert one.patch(9.0).status_code == 200
            assert one.threshold() == 9.0
            proxy.delay_seconds = 0.0
            wait_for(one.is_ready, "recovery")
        assert_unharmed(load, waits, in_vain=3)


def test_a_subscription_that_went_silent_is_made_anew(server: RedisServer) -> None:
    """After a half-open drop, changes elsewhere arrive as soon as it is noticed, though the refresh is far off."""
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


def test_a_subscription_that_is_only_idle_is_kept(server: RedisServer) -> None:
    """Nothing to say is not silence: the connection is asked, answers, and stays."""
    server.client().config_resetstat()

    def calls(command: str) -> int:
        return int(server.client().info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])

    with replica(server.url, redis_patience_seconds=0.5) as one:
        wait_for(lambda: calls("ping") >= 2, "two questions")
        assert calls("subscribe") == 1
        assert one.is_ready()


def test_a_cluster_with_one_node_stalled(tmp_path: Path, waits: list[bool]) -> None:
    """Scores of symbols on that node wait once, not each; overrides on another node stay readable meanwhile."""
    with cluster(tmp_path) as nodes:
        for node in nodes:
            node.client().config_set("cluster-require-full-coverage", "no")
        with cluster_client(nodes[0].port) as client:
            slots = {name: client.keyslot(name) for name in ("adlrisk:overrides", "adlrisk:market:binance:BTCUSDT")}
        owner = {name: slot // (16384 // 3 + 1) for name, slot in slots.items()}
        overrides, record = owner["adlrisk:overrides"], owner["adlrisk:market:binance:BTCUSDT"]
        assert overrides != record  # else the test would show nothing
        url = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        with replica(f"redis+cluster://{url}", redis_deadline_seconds=0.5, redis_patience_seconds=1.0) as one:
            one.client.put(MARKET, json=RECORD).raise_for_status()
            with Load(one.running.url) as load, nodes[record].stopped():
                wait_for(lambda: one.is_degraded("store-slow", "store-unreachable"), "degradation")
                wait_for(lambda: one.asked("probe", "failed") >= 1, "a probe in vain")
                one.wait_for_refreshes()
                load.goes_on()
                assert one.is_degraded("store-slow", "store-unreachable")
            assert_unharmed(load, waits, in_vain=3)
            assert len(one.events("store degraded")) <= 3
            wait_for(one.is_ready, "recovery")


def test_records_that_are_denied_degrade_once(server: RedisServer, waits: list[bool]) -> None:
    """A user who may read overrides and no records: degraded and said so once, not with each request."""
    server.client().execute_command("ACL", "SETUSER", "half", "on", ">pw", "~adlrisk:overrides", "&*", "+@all")
    with replica(f"redis://half:pw@127.0.0.1:{server.port}", **PROMPT) as one:
        assert one.funding() is None
        with Load(one.running.url) as load:
            wait_for(lambda: one.asked("probe", "failed") >= 2, "probes in vain")
            load.goes_on()
        assert one.is_degraded("store-denied")
        assert waits == [True]  # of the first score, which was told
        assert_unharmed(load, waits, in_vain=0)
        assert len(one.events("store degraded")) == 1


def test_many_symbols_at_once_are_read_together(server: RedisServer) -> None:
    """A hundred scores at once, each of another symbol, all use their records, on one connection and in few reads."""
    count, kept = 100, kept_record(market={"funding_rate": 0.01}, ttl_seconds=3600)
    with replica(server.url) as one, ExitStack() as stack:
        for number in range(count):
            server.client().set(f"adlrisk:market:binance:S{number}", kept)
        callers = [stack.enter_context(connected(one.running)) for _ in range(count)]
        with busy(one.running, *callers):
            for number, caller in enumerate(callers):
                body = json.dumps({**SCORE, "symbol": f"S{number}"}).encode()
                caller.sendall(HEAD % (b"/score", len(body)) + body)
        answers = [answer_of(next_answer(caller)).json() for caller in callers]
        assert all(answer["market"] for answer in answers)
        assert one.asked("read_markets") <= 1 + 2
        assert not one.events("store degraded")
        assert server.client().info("clients")["connected_clients"] < 20


def test_the_largest_batch_of_symbols_degrades_nothing(server: RedisServer, clock: HandClock) -> None:
    """10,000 symbols in one batch are one read, which may take its time, twice."""
    items = [{**SCORE, "symbol": f"S{number}"} for number in range(10_000)]
    with replica(server.url) as one:
        one.client.put("/venues/binance/markets/S9999", json=RECORD).raise_for_status()
        for reads in (1, 2):
            clock.seconds += 1.0
            results = one.client.post("/scores", json={"items": items}).json()["results"]
            assert results[9999]["market"] is not None
            assert one.asked("read_markets") == reads
        assert not one.events("store degraded")


def test_cut_off(server: RedisServer, waits: list[bool]) -> None:
    """Connections that are cut are made anew; the scores go on."""
    with Proxy(server.port) as proxy, replica(f"redis://127.0.0.1:{proxy.port}") as one:
        one.client.put(MARKET, json=RECORD).raise_for_status()
        with Load(one.running.url) as load:
            for _ in range(3):
                proxy.cut()
                load.goes_on()
            wait_for(one.is_ready, "recovery")
        assert_unharmed(load, waits, in_vain=3)
        assert one.patch(9.0).status_code == 200


def test_a_read_only_replica(server: RedisServer, tmp_path: Path) -> None:
    """Reading goes on; writing is 503 and changes nothing, and readiness says why, until it is a master."""
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


def test_out_of_memory(server: RedisServer) -> None:
    """A full server refuses writes, which are 503 and leave nothing half-written; reading goes on."""
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


def test_a_wrong_password(tmp_path: Path) -> None:
    """The service serves the bundled cards and says that access is denied; no password shows up anywhere."""
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
    """Scores at once for one symbol ask the store once in a second, and a batch of many symbols once."""
    with replica(server.url) as one:
        one.client.put(MARKET, json=RECORD)
        for reads in (1, 2):
            clock.seconds += 1.0  # the copy has aged
            with ExitStack() as stack:
                for load in [stack.enter_context(Load(one.running.url)) for _ in range(3)]:
                    load.goes_on()
            assert one.asked("read_markets") == reads
        items = [{**SCORE, "symbol": f"S{number}"} for number in range(500)]
        assert one.client.post("/scores", json={"items": items}).status_code == 200
        assert server.client().info("commandstats")["cmdstat_mget"]["calls"] == one.asked("read_markets") == 3


def test_a_service_stops_while_redis_hangs(server: RedisServer) -> None:
    """Shutdown does not wait for a store that does not answer: its patience is longer than a server may take to end."""
    with replica(server.url, redis_deadline_seconds=0.5, redis_patience_seconds=60.0) as one:
        one.funding()
        with server.stopped():
            one.client.post("/score", json=SCORE)
            one.running.__exit__(None, None, None)


def test_examples_work_on_redis_too(server: RedisServer) -> None:
    """The documented patch and record give the documented answers."""
    with replica(server.url) as one:
        for name, method, path in (("venue-patch", "PATCH", "/venues/binance"), ("market", "PUT", MARKET)):
            answered = one.client.request(method, path, json=example(f"{name}.request"))
            assert answered.json() == example(f"{name}.answer")
