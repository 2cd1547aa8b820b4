"""The whole way: venue, collector, Redis, service. A bot sends its position and the symbol, and no more."""

import contextlib
import io
import json
import os
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

from adlrisk.settings import Settings
from support.collect.calm import leave_calm
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venue import BROKEN, FakeVenue
from support.collect.fake_venues import LINEAR
from support.redis_servers import RedisServer, free_port
from support.running import RunningServer

POSITION = {"side": "long", "size": 10, "entry_price": 50_000, "mark_price": 60_000, "leverage": 10}
POSITION |= {"contract_size": 0.01}
SYMBOL = "BTC-USDT-SWAP"
TAKEN_OVER_WITHIN_SECONDS = 12.0  # a lease of five, a second to see it, the venue asked, on a busy machine


class Collector:
    """``adlrisk collect`` as a process of its own."""

    def __init__(self, redis: RedisServer, venue: FakeVenue, log: Path) -> None:
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
                [sys.executable, "-m", "adlrisk", "collect", "--port", str(self.port)],
                stdout=out,
                stderr=out,
                env=environment,
            )

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, in JSON; a traceback would not be."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def leads(self) -> bool:
        """Whether it leads the venue, by its own word."""
        with contextlib.suppress(httpx.TransportError):
            return bool(httpx.get(f"{self.url}/health/ready").json()["leads"])
        return False

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics").text


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as running:
        yield running


@pytest.fixture
def venue() -> Iterator[FakeOkx]:
    with FakeOkx() as running:
        yield running


@pytest.fixture
def service(redis: RedisServer) -> Iterator[httpx.Client]:
    settings = Settings(redis_url=redis.url)
    with (
        RunningServer(settings, log=io.StringIO(), clock=lambda: datetime.now(UTC)) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        yield client


@contextlib.contextmanager
def collecting(redis: RedisServer, venue: FakeVenue, log: Path) -> Iterator[Collector]:
    collector = Collector(redis, venue, log)
    try:
        yield collector
    finally:
        collector.process.kill()
        collector.process.wait(10)


def until(met: Callable[[], object], *, seconds: float) -> float:
    """Wait for something to become true; how long that took."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.05)
    return time.monotonic() - began


def scored(service: httpx.Client) -> dict[str, Any]:
    answer = service.post("/score", json={"venue": "okx", "symbol": SYMBOL, "position": POSITION})
    assert answer.status_code == 200, answer.text
    score: dict[str, Any] = answer.json()
    return score


def signals(score: dict[str, Any]) -> dict[str, bool | None]:
    return {signal["signal"]: signal["fired"] for signal in score["signals"]}


def test_from_venue_to_score_over_the_death_of_a_collector(
    redis: RedisServer, venue: FakeOkx, service: httpx.Client, tmp_path: Path
) -> None:
    """A score by symbol knows all but the meter, goes on when the collector is killed, and sees a spike.

    The venue funds every 4 hours at 0.0001875…, 0.000375 in 8 hours; a position of 10 contracts of 0.01 BTC at 60,000
    is 6,000 USDT, in the first tier (500 contracts of 600 USDT), whose rate is 0.004.
    """
    leave_calm(redis)
    with collecting(redis, venue, tmp_path / "one") as one:
        until(one.leads, seconds=20.0)
        until(lambda: signals(scored(service))["funding"] is not None, seconds=20.0)
        until(lambda: signals(scored(service))["market_stress"] is not None, seconds=20.0)
        score = scored(service)
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
        with collecting(redis, venue, tmp_path / "other") as other:
            until(lambda: "no longer" not in str(other.lines()) and _answers(other), seconds=20.0)
            assert not other.leads()
            venue.subscribed.clear()
            one.process.send_signal(signal.SIGKILL)
            assert until(other.leads, seconds=20.0) < TAKEN_OVER_WITHIN_SECONDS
            observed_at = service.get(f"/venues/okx/markets/{SYMBOL}").json()["observed_at"]
            until(
                lambda: service.get(f"/venues/okx/markets/{SYMBOL}").json()["observed_at"] > observed_at, seconds=20.0
            )
            assert signals(scored(service))["market_stress"] is False  # the five seconds in between are forgiven
            assert venue.subscribed.wait(10.0)
            large = venue.liquidation(side="long", price="60000", size="500", at=str(round(time.time() * 1000)))
            venue.tell(large)  # 500 × 0.01 × 60,000 = 300,000 USDT, after 90 minutes without any
            until(lambda: signals(scored(service))["market_stress"], seconds=20.0)
            assert scored(service)["score"] == score["score"] + 2
            other.process.send_signal(signal.SIGTERM)
            assert other.process.wait(10) == -signal.SIGTERM  # uvicorn ends as the signal would have ended it
            assert redis.client().get("adlrisk:collect:leader:okx") is None


def _answers(collector: Collector) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{collector.url}/health/live").content == b'{"status":"alive"}'
    return False


def test_a_collector_tells_how_it_fares(redis: RedisServer, venue: FakeOkx, tmp_path: Path) -> None:
    """Metrics and log say what failed, what was left out, how old records are, who leads, and how the clocks differ."""
    venue.faults["/api/v5/public/mark-price"] = BROKEN
    row = venue.answers["/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"]["data"][0]
    row["maxFundingRate"] = {"a": "changed field"}
    with collecting(redis, venue, tmp_path / "log") as collector:
        until(collector.leads, seconds=20.0)
        until(lambda: 'records_written_total{outcome="ok",venue="okx"} 0.0' not in collector.metrics(), seconds=20.0)
        metrics = collector.metrics()
        assert 'adlrisk_collector_fetches_total{call="mark",outcome="unavailable",venue="okx"}' in metrics
        assert 'adlrisk_collector_fetches_total{call="funding",outcome="ok",venue="okx"} 1.0' in metrics
        assert 'adlrisk_collector_fields_left_out_total{field="funding_cap",venue="okx",why="mistyped"} 1.0' in metrics
        assert 'adlrisk_collector_leader{venue="okx"} 1.0' in metrics
        assert f'adlrisk_collector_record_age_seconds{{symbol="{SYMBOL}",venue="okx"}}' in metrics
        assert 'adlrisk_collector_clock_skew_seconds{venue="okx"}' in metrics
        said = [(line["event"], line.get("what")) for line in collector.lines()]
        assert ("venue failing", "mark") in said
        assert said.count(("venue failing", "mark")) == 1
        assert ("field left out", None) in said
        redis.kill()
        until(lambda: httpx.get(f"{collector.url}/health/ready").status_code == 503, seconds=10.0)
        assert httpx.get(f"{collector.url}/health/ready").json()["status"] == "not-ready"
        until(lambda: not collector.leads(), seconds=10.0)
        redis.start()
        until(collector.leads, seconds=20.0)
        assert httpx.get(f"{collector.url}/health/ready").status_code == 200
        collector.process.send_signal(signal.SIGTERM)
        assert collector.process.wait(15) == -signal.SIGTERM
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_look_needs_no_redis(venue: FakeOkx) -> None:
    """``--once`` prints what would go on record, a line for each market, and tells by its status whether all came."""
    environment = {"PATH": os.environ["PATH"], "ADLRISK_COLLECT_URLS": f"okx={venue.url}"}
    command = [sys.executable, "-m", "adlrisk", "collect", "--once", "--market", f"okx:{LINEAR}"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True)
    (line,) = done.stdout.splitlines()
    record = json.loads(line)
    assert record["venue"] == "okx"
    assert record["symbol"] == SYMBOL
    assert record["contract_size"] == 0.01
    assert record["mark_price"] == 60_000.0
    assert "liquidation_spike" not in record
    misspelt = subprocess.run(
        [*command, "--market", "okx:NO/SUCH:THING"], env=environment, capture_output=True, timeout=60, check=False
    )
    assert misspelt.returncode == 1
    assert len(misspelt.stdout.splitlines()) == 1
    assert b"NO/SUCH:THING" in misspelt.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {}, "no markets"),
        (["--market", "okx"], {}, "'okx' is not VENUE:MARKET"),
        (["--market", "gmx:BTC/USD:USDC"], {}, "'gmx' cannot be collected; binance"),
        (["--market", f"okx:{LINEAR}"], {}, "ADLRISK_REDIS_URL: records are kept in Redis"),
        (["--market", f"okx:{LINEAR}"], {"ADLRISK_COLLECT_URLS": "okx=file:///"}, "ADLRISK_COLLECT_URLS"),
        (["--market", f"okx:{LINEAR}"], {"ADLRISK_REDIS_URL": "redis://a:b:c"}, "ADLRISK_REDIS_URL"),
        (["--file", "nothing.toml"], {}, "nothing.toml"),
    ],
)
def test_what_cannot_be_collected_is_said(arguments: list[str], environment: dict[str, str], said: str) -> None:
    """A command that cannot be carried out ends with one line that names what is wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "adlrisk", "collect", *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


def test_a_file_names_markets_too(tmp_path: Path, venue: FakeOkx) -> None:
    """Markets of a file, of the command and of the settings are collected together, each once."""
    listed = tmp_path / "markets.toml"
    listed.write_text(f'markets = ["okx:{LINEAR}", "okx:BTC/USD:BTC"]\n')
    environment = {
        "PATH": os.environ["PATH"],
        "ADLRISK_COLLECT_URLS": f"okx={venue.url}",
        "ADLRISK_COLLECT_MARKETS": f"okx:{LINEAR}",
    }
    command = [sys.executable, "-m", "adlrisk", "collect", "--once", "--file", str(listed), "--market", f"okx:{LINEAR}"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True)
    assert [json.loads(line)["symbol"] for line in done.stdout.splitlines()] == [SYMBOL, "BTC-USD-SWAP"]
    for broken in ("markets = 5", "market = []", "markets = [", 'markets = ["okx"]'):
        listed.write_text(broken)
        done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
