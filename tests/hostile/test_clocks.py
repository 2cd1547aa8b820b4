"""Replicas whose clocks differ: a record that one of them was given is used by the other."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import Settings
from support.hostile.failure_cases import JSON
from support.redis_servers import RedisServer
from support.running import ADMIN_KEY, WEDNESDAY, RunningServer
from support.siege import messages

ADMIN = {"authorization": f"Bearer {ADMIN_KEY}"}


@contextmanager
def replicas(tmp_path: Path, *, apart_seconds: float) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Clients of two replicas with one store; the clock of the second is behind."""
    behind = WEDNESDAY - timedelta(seconds=apart_seconds)
    with RedisServer(tmp_path) as store:
        settings = Settings(redis_url=store.url, admin_keys=digest_key(ADMIN_KEY))
        with (
            RunningServer(settings, log=io.StringIO()) as right,
            RunningServer(settings, log=io.StringIO(), clock=lambda: behind) as late,
            httpx.Client(base_url=right.url, headers=ADMIN) as first,
            httpx.Client(base_url=late.url, headers=ADMIN) as second,
        ):
            yield first, second


def uses(client: httpx.Client) -> tuple[bool, bool]:
    """Whether a replica shows the record, and whether a score is computed with it."""
    shown = client.get(messages.market_path())
    answer = client.post("/score", content=messages.score(), headers=JSON).raise_for_status().json()
    return shown.status_code == 200, answer["score"] == messages.SCORE_WITH_RECORD


@pytest.mark.parametrize("apart_seconds", [0.0, 0.3, 1.5, 30.0, 59.0])
def test_a_replica_behind_uses_a_fresh_record(tmp_path: Path, apart_seconds: float) -> None:
    """A record of this moment is shown and used by a replica whose clock is up to a minute behind."""
    with replicas(tmp_path, apart_seconds=apart_seconds) as (right, late):
        right.put(messages.market_path(), json=messages.RECORD).raise_for_status()
        assert uses(late) == (True, True)


@pytest.mark.parametrize("apart_seconds", [61.0, 3600.0])
def test_a_record_of_the_future_is_used_by_nobody(tmp_path: Path, apart_seconds: float) -> None:
    """What lies more than a minute ahead of a replica's clock is neither shown nor used by it."""
    with replicas(tmp_path, apart_seconds=apart_seconds) as (right, late):
        right.put(messages.market_path(), json=messages.RECORD).raise_for_status()
        assert uses(late) == (False, False)


def test_a_record_expires_for_both_questions_at_once(tmp_path: Path) -> None:
    """What a replica behind was given to keep for 20 s is neither shown nor used 30 s later by the right clock."""
    with replicas(tmp_path, apart_seconds=30.0) as (right, late):
        late.put(messages.market_path(), json={**messages.RECORD, "ttl_seconds": 20}).raise_for_status()
        assert uses(late) == (True, True)
        assert uses(right) == (False, False)
