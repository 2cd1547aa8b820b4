"""End to end: venue, collector, Redis, service. A bot sends only its position and the symbol."""

import contextlib
import io
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from adlrisk.__main__ import main
from adlrisk.collect.program import make_plan
from adlrisk.settings import Settings
from support.collect.calm import CALM_MARKS, OPEN_INTEREST, store_calm_history
from support.collect.fake_venue import BROKEN, FakeVenue
from support.collect.fake_venues import LINEAR, Venues
from support.redis_servers import RedisServer, free_port, wait_for
from support.running import ROOT, RunningServer

POSITION = {"side": "long", "size": 10, "entry_price": 50_000, "mark_price": 60_000, "leverage": 10}
POSITION |= {"contract_size": 0.01}
SYMBOL = "BTC-USDT-SWAP"
HURRIED = str(ROOT / "tests" / "support" / "collect" / "hurried.py")
LONG_SECONDS = 60.0  # on a busy machine


class Collector:
    """``adlrisk collect`` as a process; ``program`` are the arguments of Python that run it."""

    def __init__(self, redis: RedisServer, venue: FakeVenue, log: Path, *program: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        environment = {
            "PATH": os.environ["PATH"],
            "ADLRISK_REDIS_URL": redis.url,
            "ADLRISK_COLLECT_URLS": f"{venue.venue}={venue.url}",
            "ADLRISK_COLLECT_MARKETS": f"{venue.venue}:{LINEAR}",
        }
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *(program or ("-m", "adlrisk")), "collect", "--port", str(self.port)],
                stdout=out,
                stderr=out,
                env=environment,
            )

    def lines(self) -> list[dict[str, Any]]:
        """Its log lines, which are all JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def leads(self) -> bool:
        """Whether it reports that it leads the venue."""
        with contextlib.suppress(httpx.TransportError):
            return bool(self.get("/health/ready").json()["leads"])
        return False

    def is_alive(self) -> bool:
        """Whether its liveness check answers."""
        with contextlib.suppress(httpx.TransportError):
            return self.get("/health/live").content == b'{"status":"alive"}'
        return False

    def metrics(self) -> str:
        return self.get("/metrics").text

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=LONG_SECONDS)

    def stop(self, *, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it; its exit status."""
        self.process.send_signal(by)
        return self.process.wait(LONG_SECONDS)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as running:
        yield running


@pytest.fixture
def venue(venues: Venues) -> FakeVenue:
    return venues["okx"]


@pytest.fixture
def service(redis: RedisServer) -> Iterator[httpx.Client]:
    settings = Settings(redis_url=redis.url)
    with (
        RunningServer(settings, log=io.StringIO(), clock=lambda: datetime.now(UTC)) as running,
        httpx.Client(base_url=running.url, timeout=LONG_SECONDS) as client,
    ):
        yield client


@contextlib.contextmanager
def collecting(redis: RedisServer, venue: FakeVenue, log: Path, *program: str) -> Iterator[Collector]:
    collector = Collector(redis, venue, log, *program)
    try:
        yield collector
    finally:
        collector.process.kill()
        collector.process.wait(LONG_SECONDS)


def wait_until(met: Callable[[], object]) -> None:
    """Wait for a condition."""
    wait_for(met, "the collector", within_seconds=LONG_SECONDS)


def score_of(service: httpx.Client) -> dict[str, Any]:
    answer = service.post("/score", json={"venue": "okx", "symbol": SYMBOL, "position": POSITION})
    assert answer.status_code == 200, answer.text
    score: dict[str, Any] = answer.json()
    return score


def signals(score: dict[str, Any]) -> dict[str, bool | None]:
    return {signal["signal"]: signal["fired"] for signal in score["signals"]}


def check_aggregates(service: httpx.Client) -> None:
    """What the record knows of all positions together is what the venue says now and has said for two days.

    A fifth of a percent of the open interest is opened in each two minutes, so that 0.998^180 = 69.7 % are left of any
    entry six hours later, and of those that were never seen 0.998^1440 = 5.6 % after two days. The mark moved seven
    times in 48 hours, by six steps of about 1 % and no further.
    """
    path = f"/venues/okx/markets/{SYMBOL}"
    wait_until(lambda: service.get(path).json()["open_interest"] and service.get(path).json()["size_for_one_percent"])
    record = service.get(path).json()
    assert record["open_interest"] == OPEN_INTEREST
    assert record["size_for_one_percent"] == 300.0
    assert 0.9 < record["entries_seen"] < 0.96
    shares = {entry["price"]: entry["share"] for entry in record["entries"]}
    assert set(shares) == set(CALM_MARKS)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-9)
    aged = [0.697 ** (7 - block) * (0.303 if block else 1.0) for block in range(8)]
    for price, share in shares.items():
        expected = sum(left for mark, left in zip(CALM_MARKS, aged, strict=True) if mark == price)
        assert share == pytest.approx(expected, abs=0.01)
    moves = [math.log(after / before) ** 2 for before, after in itertools.pairwise(CALM_MARKS)]
    assert record["volatility"] == pytest.approx(math.sqrt(sum(moves) / 48.0 * 8_760.0), rel=0.05)


def test_score_by_symbol_survives_the_death_of_a_collector(
    redis: RedisServer, venue: FakeVenue, service: httpx.Client, tmp_path: Path
) -> None:
    """A score by symbol knows all signals but the meter, still does when the collector is killed, and shows a spike.

    Funding is 0.0001875… every 4 hours, 0.000375 in 8 hours; a position of 10 contracts of 0.01 BTC at 60,000
    is 6,000 USDT, in the first tier (500 contracts of 600 USDT), whose rate is 0.004.
    """
    store_calm_history(redis)
    log = tmp_path / "one", tmp_path / "other"
    with collecting(redis, venue, log[0], HURRIED) as one:
        wait_until(one.leads)
        with collecting(redis, venue, log[1], HURRIED) as other:
            wait_until(lambda: signals(score_of(service))["funding"] is not None)
            wait_until(lambda: signals(score_of(service))["market_stress"] is not None)
            score = score_of(service)
            assert signals(score) == {
                "leverage": False, "profit": True, "funding": False, "market_stress": False, "adl_meter": None,
            }  # fmt: skip
            assert score["missing"] == ["adl_meter"]
            assert score["market"]["source"] == "collector"
            funding = next(signal for signal in score["signals"] if signal["signal"] == "funding")
            assert funding["value"] == pytest.approx(2 * 0.0001875391284828)
            assert funding["source"] == "cache"
            record = service.get(f"/venues/okx/markets/{SYMBOL}").json()
            assert record["maintenance_tiers"][0] == {"up_to_notional": 300_000.0, "rate": 0.004, "amount": 0.0}
            assert record["insurance_fund"] == 25_000_000.5
            assert record["thin_liquidity"] is False
            check_aggregates(service)
            wait_until(other.is_alive)
            assert not other.leads()
            venue.subscribed.clear()
            assert one.stop(by=signal.SIGKILL) == -signal.SIGKILL
            observed_at = service.get(f"/venues/okx/markets/{SYMBOL}").json()["observed_at"]
            wait_until(other.leads)
            wait_until(lambda: service.get(f"/venues/okx/markets/{SYMBOL}").json()["observed_at"] > observed_at)
            check_aggregates(service)
            # Of what the other hears itself, it would need more than two minutes.
            wait_until(lambda: signals(score_of(service))["market_stress"] is False)
            assert venue.subscribed.wait(LONG_SECONDS)
            large = venue.liquidation(side="long", price="60000", size="500", at=str(round(time.time() * 1000)))
            venue.send(large)  # 500 × 0.01 × 60,000 = 300,000 USDT, after 90 minutes without any
            wait_until(lambda: signals(score_of(service))["market_stress"])
            assert score_of(service)["score"] == score["score"] + 2
            assert other.stop() == -signal.SIGTERM  # uvicorn re-raises the signal
            assert redis.client().get("adlrisk:collect:leader:okx") is None


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGQUIT])
def test_collector_gives_its_lease_back_on_other_signals(
    redis: RedisServer, venue: FakeVenue, tmp_path: Path, sent: signal.Signals
) -> None:
    """It ends as on SIGTERM, so that another leads at once; SIGUSR1 and SIGUSR2 do not end it."""
    with collecting(redis, venue, tmp_path / "log") as collector:
        wait_until(collector.leads)
        for ignored in (signal.SIGUSR1, signal.SIGUSR2):
            collector.process.send_signal(ignored)
        assert collector.is_alive()
        assert collector.stop(by=sent) == 0
        assert redis.client().get("adlrisk:collect:leader:okx") is None


def test_collector_reports_its_state(redis: RedisServer, venue: FakeVenue, tmp_path: Path) -> None:
    """Metrics and log show failures, fields left out, the age of records, the leader, and the clock skew."""
    venue.faults["/api/v5/public/mark-price"] = BROKEN
    row = venue.answers["/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"]["data"][0]
    row["maxFundingRate"] = {"a": "changed field"}
    with collecting(redis, venue, tmp_path / "log") as collector:
        wait_until(collector.leads)
        fetches = "adlrisk_collector_fetches_total"
        assert f'{fetches}{{call="liquidations",outcome="timeout",venue="okx"}} 0.0' in collector.metrics()
        wait_until(lambda: 'records_written_total{outcome="ok",venue="okx"} 0.0' not in collector.metrics())
        wait_until(lambda: re.search(f'{fetches}{{call="liquidations",outcome="ok".*}} [1-9]', collector.metrics()))
        metrics = collector.metrics()
        assert 'adlrisk_collector_fetches_total{call="mark",outcome="unavailable",venue="okx"}' in metrics
        assert re.search(r'fetches_total{call="funding",outcome="ok",venue="okx"} [1-9]', metrics)
        assert re.search(r'fields_left_out_total{field="funding_cap",venue="okx",why="mistyped"} [1-9]', metrics)
        assert 'adlrisk_collector_leader{venue="okx"} 1.0' in metrics
        assert f'adlrisk_collector_record_age_seconds{{symbol="{SYMBOL}",venue="okx"}}' in metrics
        assert 'adlrisk_collector_clock_skew_seconds{venue="okx"}' in metrics
        events = [(line["event"], line.get("what")) for line in collector.lines()]
        assert ("venue failing", "mark") in events
        assert events.count(("venue failing", "mark")) == 1
        assert ("field left out", None) in events
        redis.kill()
        wait_until(lambda: collector.get("/health/ready").status_code == 503)
        assert collector.get("/health/ready").json()["status"] == "not-ready"
        wait_until(lambda: not collector.leads())
        redis.start()
        wait_until(collector.leads)
        assert collector.get("/health/ready").status_code == 200
        assert collector.stop() == -signal.SIGTERM
        assert "Traceback" not in (tmp_path / "log").read_text()


def run_here(*arguments: str, environ: dict[str, str]) -> Result:
    """The result of ``adlrisk collect`` within this process, which saves the seconds that ccxt takes to import."""
    result = CliRunner().invoke(main, ["collect", *arguments], env=environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def test_snapshot_needs_no_redis(venue: FakeVenue) -> None:
    """``--once`` prints a record for each market, and exits with 0 only if all have one."""
    environ = {"ADLRISK_COLLECT_URLS": f"okx={venue.url}"}
    arguments = ["--once", "--market", f"okx:{LINEAR}"]
    command = [sys.executable, "-m", "adlrisk", "collect", *arguments]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, timeout=LONG_SECONDS, check=True
    )
    (line,) = done.stdout.splitlines()
    record = json.loads(line)
    assert record["venue"] == "okx"
    assert record["symbol"] == SYMBOL
    assert record["contract_size"] == 0.01
    assert record["mark_price"] == 60_000.0
    assert "liquidation_spike" not in record
    misspelt = run_here(*arguments, "--market", "okx:NO/SUCH:THING", environ=environ)
    assert misspelt.exit_code == 1
    assert len(misspelt.stdout.splitlines()) == 1
    assert "NO/SUCH:THING" in misspelt.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ([], {}, "no markets"),
        (["--market", "okx"], {}, "'okx' is not VENUE:MARKET"),
        (["--market", "gmx:BTC/USD:USDC"], {}, "'gmx' cannot be collected; binance"),
        (["--market", f"okx:{LINEAR}"], {}, "ADLRISK_REDIS_URL: records are written to Redis"),
        (["--market", f"okx:{LINEAR}"], {"ADLRISK_COLLECT_URLS": "okx=file:///"}, "ADLRISK_COLLECT_URLS"),
        (["--market", f"okx:{LINEAR}"], {"ADLRISK_REDIS_URL": "redis://a:b:c"}, "ADLRISK_REDIS_URL"),
        (["--file", "nothing.toml"], {}, "nothing.toml"),
    ],
)
def test_invalid_command_ends_with_one_line(arguments: list[str], environment: dict[str, str], message: str) -> None:
    """An invalid command ends with status 1 and one line that names the error."""
    done = run_here(*arguments, environ=environment)
    assert done.exit_code == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_markets_of_file_command_and_settings_are_merged(tmp_path: Path, venue: FakeVenue) -> None:
    """Markets of the file, the command and the settings are collected together, without duplicates."""
    listed = tmp_path / "markets.toml"
    listed.write_text(f'markets = ["okx:{LINEAR}", "okx:BTC/USD:BTC"]\n')
    environ = {"ADLRISK_COLLECT_URLS": f"okx={venue.url}", "ADLRISK_COLLECT_MARKETS": f"okx:{LINEAR}"}
    arguments = ["--once", "--file", str(listed), "--market", f"okx:{LINEAR}"]
    done = run_here(*arguments, environ=environ)
    assert done.exit_code == 0
    assert [json.loads(line)["symbol"] for line in done.stdout.splitlines()] == [SYMBOL, "BTC-USD-SWAP"]
    for broken in ("markets = 5", "market = []", "markets = [", 'markets = ["okx"]'):
        listed.write_text(broken)
        done = run_here(*arguments, environ=environ)
        assert done.exit_code == 1
        assert len(done.stderr.splitlines()) == 1


def test_a_venue_is_collected_under_its_own_id() -> None:
    """By ccxt's id in markets, settings and URLs, the target is the venue of the catalogue, once."""
    settings = Settings(collect_markets="binanceusdm:BTC/USDT:USDT", collect_urls="binanceusdm=http://127.0.0.1:1")
    plan = make_plan(["binance:BTC/USDT:USDT"], file=None, settings=settings)
    assert plan.targets == (("binance", "BTC/USDT:USDT"),)
    assert plan.urls == {"binance": "http://127.0.0.1:1"}
