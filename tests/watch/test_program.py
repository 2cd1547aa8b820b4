"""The command ``adlrisk watch`` as a process of its own, and what it says of what cannot be."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from adlrisk.__main__ import main
from support.positions.fake_account import KEY, PASSPHRASE, SECRET
from support.positions.fake_venue import MIDNIGHT, OkxVenue
from support.positions.pointed import pointed_at
from support.redis_servers import free_port, wait_for
from support.running import ROOT
from support.watch.notified import NotificationReceiver

POINTED = str(ROOT / "tests" / "support" / "positions" / "pointed.py")
KEYS = {
    "ADLRISK_ACCOUNT_DESK_KEY": KEY,
    "ADLRISK_ACCOUNT_DESK_SECRET": SECRET,
    "ADLRISK_ACCOUNT_DESK_PASSWORD": PASSPHRASE,
    "TOKEN": "token-0123456789abcdef",
}


@pytest.fixture
def okx() -> Iterator[OkxVenue]:
    with OkxVenue() as venue:
        venue.hold("long", 100.0, mark=1990.0)
        yield venue


@pytest.fixture
def receiver() -> Iterator[NotificationReceiver]:
    with NotificationReceiver() as listening:
        yield listening


def start(venue: OkxVenue, receiver: NotificationReceiver, state: Path, *more: str) -> subprocess.Popen[str]:
    url = f"json://127.0.0.1:{receiver.port}/${{TOKEN}}"
    options = ("--account", "desk=okx", "--notify", url, "--state", str(state), *more)
    return subprocess.Popen(
        [sys.executable, POINTED, venue.url, "watch", *options],
        env={**os.environ, **KEYS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success
    except httpx.TransportError:
        return False


def test_it_watches_until_it_is_stopped_and_goes_on_after_a_restart(
    okx: OkxVenue, receiver: NotificationReceiver, tmp_path: Path
) -> None:
    """Health, metrics and lines; SIGTERM ends it at once; a second start tells an ADL of meanwhile, nothing again."""
    state, port = tmp_path / "watch.json", free_port()
    output = []
    for started in range(2):
        process = start(okx, receiver, state, "--port", str(port), "--interval", "5")
        try:
            wait_for(lambda: is_ready(port), "the first reading")
            wait_for(lambda number=started: len(receiver.got) >= 1 + 2 * number, "its messages")
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            assert httpx.get(f"http://127.0.0.1:{port}/health/live").json() == {"status": "alive"}
        finally:
            process.send_signal(signal.SIGTERM)
            output.append(process.communicate(timeout=30))
        assert process.returncode == -signal.SIGTERM
        okx.force("adl", "long", 50.0, at=MIDNIGHT - 60)
        okx.hold("long", 50.0, mark=1990.0)
    first, adl, again = receiver.titles
    assert first.startswith("desk on okx: watched from now on, 1 position: ")
    assert again == first
    assert adl == "desk on okx, BTC-USDT-SWAP long: ADL closed 50 contracts at 1800.5, 50 contracts left"
    for (lines, log), told in zip(output, ((first,), (adl, again)), strict=True):
        assert [line.split(" ", 2)[2] for line in lines.splitlines()] == list(told)
        assert {json.loads(line)["level"] for line in log.splitlines()} == {"info"}
        assert not any(secret in lines + log + metrics for secret in KEYS.values())
    assert 'adlrisk_watch_forced_fills_total{account="desk",kind="adl",venue="okx"} 1.0' in metrics
    assert 'adlrisk_watch_messages_total{kind="start",outcome="passed"} 1.0' in metrics
    assert 'adlrisk_watch_undelivered_messages{receiver="1"} 0.0' in metrics


def test_once_reads_tells_and_ends_in_a_process_of_its_own(
    okx: OkxVenue, receiver: NotificationReceiver, tmp_path: Path
) -> None:
    """Exit status 0, a line and a message."""
    process = start(okx, receiver, tmp_path / "watch.json", "--once")
    lines, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    assert lines.count("\n") == len(receiver.got) == 1


def test_once_is_refused_while_another_watch_has_the_state(tmp_path: Path) -> None:
    """In one line."""
    with (tmp_path / "watch.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        arguments = ["watch", "--once", "--account", "desk=okx", "--state", str(tmp_path / "watch.json")]
        done = CliRunner().invoke(main, arguments, env=KEYS)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "another watch runs with the state" in done.stderr


def test_once_exits_with_1_where_an_account_cannot_be_read(okx: OkxVenue, tmp_path: Path) -> None:
    """And says so in a line."""
    okx.failing = (403, {"code": "50110", "msg": "not from here"})
    arguments = ["watch", "--once", "--account", "desk=okx", "--state", str(tmp_path / "watch.json")]
    with pointed_at(okx.url):
        done = CliRunner().invoke(main, arguments, env=KEYS)
    assert done.exit_code == 1
    assert "desk on okx: watched from now on, but cannot be read: " in done.output


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        ([], {}, "--account"),
        (["--account", "nowhere"], {}, "'nowhere'"),
        (["--account", "okx"], {}, "ADLRISK_ACCOUNT_OKX_KEY and ADLRISK_ACCOUNT_OKX_SECRET"),
        (["--account", "desk=okx"], {}, "ADLRISK_ACCOUNT_DESK_PASSWORD"),
        (["--account", "lighter"], {}, "--account lighter: "),
        (["--account", "desk=okx", "--notify", "tgram://s3cret"], {}, "receiver 1"),
        (["--account", "desk=okx", "--state", "redis"], KEYS, "ADLRISK_REDIS_URL"),
        (["--account", "desk=okx", "--state", "/proc/none/watch.json"], KEYS, "the state /proc/none/watch.json cannot"),
        (["--account", "desk=okx"], {"ADLRISK_WATCH_INTERVAL_SECONDS": "1"}, "ADLRISK_WATCH_INTERVAL_SECONDS"),
        (["--account", "desk=okx"], {"ADLRISK_WATCH_NOTIFY_FILE": "/none"}, "ADLRISK_WATCH_NOTIFY_FILE"),
    ],
)
def test_what_cannot_be_watched_is_one_line(arguments: list[str], environ: dict[str, str], says: str) -> None:
    """It names option or variable, shows no secret, and the exit status is 1."""
    done: Any = CliRunner().invoke(main, ["watch", "--once", *arguments], env=environ)
    assert done.exit_code == 1, done.output
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert "s3cret" not in done.output


def test_an_interval_below_five_seconds_is_refused() -> None:
    """By the option's name, with status 2 as wrong usage."""
    done = CliRunner().invoke(main, ["watch", "--account", "okx", "--interval", "4"])
    assert done.exit_code == 2
    assert "--interval" in done.stderr
