"""Where the state is kept: whole or not at all, for one watch at a time."""

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from adlrisk.venues.redis_client import RedisAccess, parse_url
from adlrisk.watch.stores.file_store import FileStore
from adlrisk.watch.stores.redis_store import LOCK_SECONDS, RedisStateStore
from adlrisk.watch.stores.store import StateStore, StoreFailedError, StoreTakenError
from support.redis_servers import RedisServer

MakeStore = Callable[[], StateStore]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["file", "redis"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Makes stores of the same state."""
    if request.param == "file":
        return lambda: FileStore(tmp_path / "states" / "watch.json")
    server = request.getfixturevalue("redis")
    server.client().flushall()
    return lambda: RedisStateStore(RedisAccess(address=parse_url(server.url)))


def test_what_was_put_is_there_for_the_next_watch(make_store: MakeStore) -> None:
    """The last state, as it was; at first there is none."""

    async def play() -> None:
        first = make_store()
        assert await first.open() is None
        await first.put(b"one")
        await first.put(b"two")
        await first.close()
        second = make_store()
        assert await second.open() == b"two"
        await second.close()

    asyncio.run(play())


def test_a_second_watch_is_refused_until_the_first_has_ended(make_store: MakeStore) -> None:
    """In a sentence that says what to do."""

    async def play() -> None:
        first, second, third = make_store(), make_store(), make_store()
        await first.open()
        with pytest.raises(StoreTakenError, match=r"^another watch .*(--state|ADLRISK_REDIS_PREFIX)"):
            await second.open()
        await second.close()
        await first.hold()
        await first.put(b"still the first")
        await first.close()
        assert await third.open() == b"still the first"
        await third.close()

    asyncio.run(play())


def test_a_state_that_is_set_aside_is_kept_elsewhere(make_store: MakeStore) -> None:
    """It says where to, and the next state has the place of the old one."""

    async def play() -> str:
        store = make_store()
        await store.open()
        await store.put(b"no state")
        where = await store.set_aside()
        await store.put(b"anew")
        await store.close()
        again = make_store()
        assert await again.open() == b"anew"
        await again.close()
        return where

    where = asyncio.run(play())
    assert "unreadable" in where
    if where.startswith("/"):
        assert Path(where).read_bytes() == b"no state"


def test_a_file_is_its_owners_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    """Where the next state cannot be written to the disk, the last one is still there."""
    path = tmp_path / "states" / "watch.json"

    async def play() -> None:
        store = FileStore(path)
        await store.open()
        await store.put(b"old")
        full = mock.patch.object(os, "fsync", side_effect=OSError(28, "No space left on device"))
        with full, pytest.raises(StoreFailedError, match="cannot be written: No space left"):
            await store.put(b"new")
        await store.close()

    asyncio.run(play())
    assert path.read_bytes() == b"old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the place of its folder."""
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "watch.json"
    with pytest.raises(StoreFailedError, match=f"the state {path} cannot be opened"):
        asyncio.run(FileStore(path).open())


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A folder, a pipe or a socket is refused, as it was, and without a lock beside it."""
    folder, pipe, heard = tmp_path / "folder", tmp_path / "pipe", tmp_path / "socket"
    folder.mkdir()
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(heard))
        for path, says in ((folder, "is a folder"), (pipe, "or pipe; name a file"), (heard, "socket or pipe")):
            before = path.lstat()
            with pytest.raises(StoreFailedError, match=says):
                asyncio.run(FileStore(path).open())
            assert path.lstat() == before
    assert sorted(tmp_path.iterdir()) == [folder, pipe, heard]


def test_a_lock_in_redis_expires_and_whoever_lost_it_is_told(redis: RedisServer) -> None:
    """A watch that was killed holds it for half a minute at most; a watch whose lock another has, ends."""
    redis.client().flushall()

    async def play() -> None:
        first, second = (RedisStateStore(RedisAccess(address=parse_url(redis.url))) for _ in range(2))
        await first.open()
        left: Any = redis.client().pttl("adlrisk:watch:lock")
        assert 0 < left <= LOCK_SECONDS * 1000
        redis.client().delete("adlrisk:watch:lock")  # as if it had expired
        await second.open()
        for call in (first.hold, lambda: first.put(b"of the first")):
            with pytest.raises(StoreTakenError, match="another watch has the state"):
                await call()
        await first.close()  # which leaves the other's lock alone
        await second.put(b"of the second")
        assert redis.client().get("adlrisk:watch:state") == b"of the second"
        await second.close()

    asyncio.run(play())


def test_a_redis_that_fails_is_a_failure_without_its_password() -> None:
    """The reason is one of the documented ones."""
    access = RedisAccess(address=parse_url("redis://:hunter2-hunter2@127.0.0.1:9"), timeout_seconds=0.5)

    async def play() -> None:
        store = RedisStateStore(access)
        with pytest.raises(StoreFailedError, match="store-unreachable") as failed:
            await store.open()
        assert "hunter2" not in str(failed.value)
        await store.close()

    asyncio.run(play())
