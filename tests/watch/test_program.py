"""The command ``adlrisk watch`` as a process of its own, and what it says of what cannot be."""

import fcntl
import json
import os
import signal
import socket
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
            wait_for(lambda number=started: len(receiver.got) >= 1 + number, "its messages")
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            assert httpx.get(f"http://127.0.0.1:{port}/health/live").json() == {"status": "alive"}
        finally:
            process.send_signal(signal.SIGTERM)
            output.append(process.communicate(timeout=30))
        assert process.returncode == -signal.SIGTERM
        okx.force("adl", "long", 50.0, at=MIDNIGHT - 60)
        okx.hold("long", 50.0, mark=1990.0)
        okx.date = MIDNIGHT + 120.0  # by then the list of positions shows it for sure
    first, adl = receiver.titles  # a second start so soon does not say again how it stands
    assert first.startswith("desk on okx: watched from now on, 1 position: ")
    assert adl == "desk on okx, BTC-USDT-SWAP long: ADL closed 50 contracts at 1800.5, 50 contracts left now"
    for (lines, log), told in zip(output, ((first,), (adl,)), strict=True):
        assert [line.split(" ", 2)[2] for line in lines.splitlines()] == list(told)
        assert {json.loads(line)["level"] for line in log.splitlines()} == {"info"}
        assert not any(secret in lines + log + metrics for secret in KEYS.values())
    assert 'adlrisk_watch_forced_fills_total{account="desk",kind="adl",venue="okx"} 1.0' in metrics
    assert 'adlrisk_watch_messages_total{kind="adl",outcome="passed"} 1.0' in metrics
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
        (["--account", "nowhere"], {}, "no venue 'nowhere'; `adlrisk venues` lists"),
        (["--account", "desk=binace"], {}, "--account desk: no venue 'binace'; the nearest is 'binance'"),
        (["--account", "desk=okx", "--service", "http://localhost:notaport"], KEYS, "--service: must be the URL"),
        (["--account", "desk=okx", "--service", "http://[::1"], KEYS, "--service: must be the URL"),
        (["--account", "desk=okx", "--state", "/"], KEYS, "--state: / is a folder"),
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


@pytest.mark.parametrize("given", ["4", "nan", "inf", "3601"])
def test_an_interval_that_is_none_is_refused(given: str) -> None:
    """By the option's name, with status 2 as wrong usage."""
    done = CliRunner().invoke(main, ["watch", "--account", "okx", "--interval", given])
    assert done.exit_code == 2
    assert "--interval" in done.stderr


def test_a_state_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """In one line with the option, and it stays as it was."""
    state = tmp_path / "watch.json"
    state.write_bytes(b'{"version": 99}')
    done = CliRunner().invoke(main, ["watch", "--once", "--account", "desk=okx", "--state", str(state)], env=KEYS)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Error: --state: The kept state is of version 99")
    assert state.read_bytes() == b'{"version": 99}'


def test_a_variable_that_is_misspelt_is_said_at_the_start(tmp_path: Path) -> None:
    """Also one of an account's; the watch would go on with the default."""
    given = {"ADLRISK_WATCH_INTERVL": "60", "ADLRISK_ACCOUNT_DESK_PASWORD": "x"}
    done = CliRunner().invoke(main, ["watch", "--once", "--account", "desk=okx", "--state", str(tmp_path)], env=given)
    for variable in given:
        assert f"warning: {variable} is not a setting of adlrisk\n" in done.stderr


def test_a_redis_that_does_not_answer_is_named_by_its_variable() -> None:
    """In one line, which says nothing of a password."""
    environ = {**KEYS, "ADLRISK_REDIS_URL": "redis://:hunter2-hunter2@127.0.0.1:9"}
    done = CliRunner().invoke(main, ["watch", "--once", "--account", "desk=okx", "--state", "redis"], env=environ)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Error: ADLRISK_REDIS_URL: Redis does not keep the state")
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("host", ["300.1.1.1", "192.0.2.1", "a..b"])
def test_an_address_that_is_not_this_machines_is_named(host: str, tmp_path: Path) -> None:
    """In one line with the option, before the state is taken or anything told."""
    arguments = ["watch", "--account", "desk=okx", "--host", host, "--state", str(tmp_path / "states" / "watch.json")]
    done = CliRunner().invoke(main, arguments, env=KEYS)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Error: --host: ")
    assert host in done.stderr
    assert not (tmp_path / "states").exists()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """By the option, with the address: the default is the same for every watch of a machine."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        arguments = ["watch", "--account", "desk=okx", "--port", str(port), "--state", str(tmp_path / "watch.json")]
        done = CliRunner().invoke(main, arguments, env=KEYS)
    assert (done.exit_code, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    assert done.stderr.startswith(f"Error: --port: nothing can listen on port {port} of 127.0.0.1 (Address already in")
