"""Rotation of API keys: files of keys are read again, and what cannot be used takes no key away."""

import asyncio
import contextlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.api_keys import ApiKeys, digest_key
from adlrisk.api.limits.key_rotation import KeyEvent, KeyRotation, KeysReplaced, KeysUnusable, KeysUsable
from adlrisk.settings import Settings, read_settings
from adlrisk.settings.key_files import KeyFiles
from adlrisk.settings.keys import KEY_SETTINGS
from support.clocks import HandClock
from support.hostile.failure_cases import JSON, SCORE
from support.redis_servers import wait_for
from support.running import RunningServer
from support.sockets import HEAD, answer_of, connected, next_answer

OLD, NEW, STAYING = "the-old-key", "the-new-key", "a-key-that-stays"


def line(*keys: str) -> str:
    """The content of a file with these keys, each named by its first word but one."""
    return "\n".join(f"{key.split('-')[1]}:{digest_key(key)}" for key in keys) + "\n"


class Rotated:
    """Keys in files below ``folder``, with what was told of them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """``settings`` are the contents of files, but for those whose names are of variables."""
        self.files = {name: folder / name for name in settings if name.islower()}
        environ = {name: value for name, value in settings.items() if not name.islower()}
        for name, file in self.files.items():
            file.write_text(settings[name])
            environ[f"ADLRISK_{name.upper()}_FILE"] = str(file)
        self.settings = read_settings(environ)
        self.key_files = KeyFiles(environ)
        self.keys = ApiKeys(self.settings)
        self.events: list[KeyEvent] = []
        self.clock = HandClock()
        self.rotation = KeyRotation(
            self.key_files,
            self.keys,
            fixed={name: getattr(self.settings, name) for name in KEY_SETTINGS},
            on_event=self.events.append,
            clock=self.clock,
        )

    def poll(self, times: int = 2) -> None:
        """Read the files so often."""

        async def polls() -> None:
            for _ in range(times):
                self.clock.seconds += 1.0
                await self.rotation.poll()

        asyncio.run(polls())

    def admits(self, key: str, access: Any = "read") -> bool:
        try:
            self.keys.admit(access, Headers([(b"x-api-key", key.encode())]))
        except ProblemError:
            return False
        return True


def test_a_changed_file_counts_once_it_was_read_twice(tmp_path: Path) -> None:
    """Old and new key are valid side by side, then the new one alone; what was read once may be half written."""
    rotated = Rotated(tmp_path, api_keys=line(OLD))
    rotated.files["api_keys"].write_text(line(OLD, NEW))
    rotated.poll(1)
    assert not rotated.admits(NEW)
    rotated.poll(1)
    assert rotated.admits(OLD)
    assert rotated.admits(NEW)
    rotated.files["api_keys"].write_text(line(NEW))
    rotated.poll()
    assert not rotated.admits(OLD)
    assert rotated.admits(NEW)
    names = [
        ([key.name for key in event.added], [key.name for key in event.removed])
        for event in rotated.events
        if isinstance(event, KeysReplaced)
    ]
    assert names == [(["new"], []), ([], ["old"])]
    assert len(rotated.events) == 2


def test_a_swapped_link_counts(tmp_path: Path) -> None:
    """As Kubernetes swaps the folder of a Secret: the file is a link through ``..data``, which is renamed over."""
    for name, key in (("..1", OLD), ("..2", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "admin-keys").write_text(line(key))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "admin-keys").symlink_to(Path("..data") / "admin-keys")
    rotated = Rotated(tmp_path, ADLRISK_ADMIN_KEYS_FILE=str(tmp_path / "admin-keys"))
    assert rotated.admits(OLD, "admin")
    (tmp_path / "..data_tmp").symlink_to("..2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    rotated.poll()
    assert rotated.admits(NEW, "admin")
    assert not rotated.admits(OLD, "admin")


def test_a_file_of_the_same_size_and_time_counts(tmp_path: Path) -> None:
    """Neither size nor times are trusted: some file systems count in seconds, some copies keep the time."""
    rotated = Rotated(tmp_path, api_keys=line(OLD))
    file = rotated.files["api_keys"]
    before = file.stat()
    file.write_text(line(NEW))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    rotated.poll()
    assert rotated.admits(NEW)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b" \n,", "must be digests of keys"),
        (f"{digest_key(NEW)}\na-secret,{digest_key(OLD)}".encode(), "; entry 2 is none"),
        (b"\xff\xfe", "holds no text"),
        (b"a-secret", "must be digests of keys"),
        (f"{digest_key(OLD)} unknown:{digest_key(NEW)}".encode(), "entry 2 of %s: no key can have the name unknown"),
        (f"a:{digest_key(NEW)},b:{digest_key(NEW)}".encode(), "entry 2 of %s: the key "),
        (None, "cannot be read: No such file"),
    ],
)
@pytest.mark.parametrize("setting", ["api_keys", "admin_keys"])
def test_unusable_content_leaves_the_keys_in_force(
    tmp_path: Path, setting: Any, content: bytes | None, why: str
) -> None:
    """It is told once, with the variable and without the content; an emptied file never opens the service."""
    rotated = Rotated(tmp_path, **{setting: line(OLD)})
    file = rotated.files[setting]
    file.unlink() if content is None else file.write_bytes(content)
    rotated.poll(1)
    assert rotated.events == []
    rotated.poll(5)
    access = "read" if setting == "api_keys" else "admin"
    assert rotated.admits(OLD, access)
    assert not rotated.admits(NEW, access)
    (event,) = rotated.events
    assert isinstance(event, KeysUnusable)
    assert event.why.startswith(f"ADLRISK_{setting.upper()}_FILE: ")
    assert why.replace("%s", setting) in event.why
    assert "a-secret" not in event.why
    assert rotated.rotation.staleness_seconds == 6.0
    file.write_text(line(OLD))
    rotated.poll()
    assert rotated.events[1:] == [KeysUsable()]
    assert rotated.rotation.staleness_seconds == 0.0
    file.write_text(line(NEW))
    rotated.poll()
    assert rotated.admits(NEW, access)
    assert rotated.rotation.staleness_seconds == 0.0


def test_other_unusable_content_is_told_again(tmp_path: Path) -> None:
    """Who has mended it wrongly learns that; what is unusable in the same way for long is told once."""
    rotated = Rotated(tmp_path, api_keys=line(OLD))
    for content in ("a-secret", "another-secret", "a-secret"):
        rotated.files["api_keys"].write_text(content)
        rotated.poll(3)
    assert [type(event) for event in rotated.events] == [KeysUnusable] * 3
    assert "secret" not in str(rotated.events)


def test_a_file_that_is_being_written_takes_no_key_away(tmp_path: Path) -> None:
    """Content that is another at the next reading is neither used nor told, though it would be valid."""
    rotated = Rotated(tmp_path, api_keys=line(OLD, STAYING))
    for content in ("", line(OLD), line(OLD, NEW), ""):
        rotated.files["api_keys"].write_text(content)
        rotated.poll(1)
        assert rotated.admits(STAYING)
    rotated.files["api_keys"].write_text(line(OLD, STAYING))
    rotated.poll()
    assert rotated.events == []


def test_files_change_together(tmp_path: Path) -> None:
    """A key that moves from one file to another is valid all the time, whichever is written first."""
    rotated = Rotated(tmp_path, api_keys=line(OLD), write_keys=line(STAYING))
    rotated.files["write_keys"].write_text(line(NEW))
    rotated.poll(1)
    rotated.files["api_keys"].write_text(line(STAYING))
    rotated.poll(1)
    assert rotated.admits(STAYING, "write")
    rotated.poll(1)
    assert rotated.admits(STAYING)
    assert not rotated.admits(STAYING, "write")


def test_settings_that_are_no_files_stay(tmp_path: Path) -> None:
    """Keys in variables are in force beside those of files, and their names must agree with theirs."""
    rotated = Rotated(tmp_path, api_keys=line(OLD), ADLRISK_ADMIN_KEYS=line(STAYING))
    rotated.files["api_keys"].write_text(line(NEW))
    rotated.poll()
    assert rotated.admits(STAYING, "admin")
    rotated.files["api_keys"].write_text(f"other:{digest_key(STAYING)}")
    rotated.poll()
    assert rotated.admits(NEW)
    assert isinstance(rotated.events[-1], KeysUnusable)


def test_a_service_without_key_files_reads_none(tmp_path: Path) -> None:
    """Variables alone, and pipes, which can be read only once, are not read again."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for environ in ({}, {"ADLRISK_API_KEYS": line(OLD)}, {"ADLRISK_API_KEYS_FILE": str(pipe)}):
        files = KeyFiles(environ)
        assert not files
        rotation = KeyRotation(files, ApiKeys(Settings()), fixed={}, on_event=lambda _event: None)
        asyncio.run(rotation.start())
        assert rotation.staleness_seconds == 0.0


@pytest.fixture
def _polls_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read a hundred times as often."""
    monkeypatch.setattr("adlrisk.api.limits.key_rotation.POLL_SECONDS", 0.01)


@contextlib.contextmanager
def rotating(rotated: Rotated) -> Iterator[RunningServer]:
    with RunningServer(rotated.settings, log=io.StringIO(), key_files=rotated.key_files) as server:
        yield server


def request(key: str) -> bytes:
    keyed = HEAD.replace(b"host: x", b"host: x\r\nx-api-key: " + key.encode())
    return keyed % (b"/score", len(SCORE)) + SCORE


class Caller:
    """Sends the same score with one key on one connection, so that its head is cached, and collects the statuses."""

    def __init__(self, server: RunningServer, key: str) -> None:
        self.statuses: list[int] = []
        self._server = server
        self._request = request(key)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def wait_for_more(self) -> None:
        before = len(self.statuses)
        wait_for(lambda: len(self.statuses) >= before + 30, "more answers")

    def _run(self) -> None:
        with connected(self._server) as connection:
            while not self._ends.is_set():
                connection.sendall(self._request)
                self.statuses.append(answer_of(next_answer(connection)).status_code)


@pytest.mark.usefixtures("_polls_come_soon")
def test_rotation_under_load_turns_no_valid_key_away(tmp_path: Path) -> None:
    """Keys come and go while requests run: none that stays is refused; a removed one is, its cached head as well."""
    rotated = Rotated(tmp_path, api_keys=line(OLD, STAYING))
    file = rotated.files["api_keys"]
    with rotating(rotated) as server, Caller(server, STAYING) as staying, Caller(server, OLD) as old:
        old.wait_for_more()
        file.write_text(line(OLD, STAYING, NEW))
        with httpx.Client(base_url=server.url, headers={"x-api-key": NEW, **JSON}) as client:
            wait_for(lambda: client.post("/score", content=SCORE).status_code == 200, "the new key to be valid")
        with Caller(server, NEW) as new:
            for _ in range(5):  # an atomic replacement each, and one that is not
                other = tmp_path / "other"
                other.write_text(line(STAYING, NEW, OLD) + "\n")
                other.replace(file)
                file.write_text(line(OLD, STAYING, NEW))
                new.wait_for_more()
            assert set(old.statuses) == {200}
            file.write_text(line(STAYING, NEW))
            wait_for(lambda: 401 in old.statuses, "the old key to be refused")
            for caller in (staying, new, old):
                caller.wait_for_more()
        changed = [entry for entry in server.log_lines() if entry["event"] == "keys changed"]
    assert set(staying.statuses) == set(new.statuses) == {200}
    assert set(old.statuses[old.statuses.index(401) :]) == {401}
    labels = [(entry["added"], entry["removed"]) for entry in changed]
    assert labels == [
        ([f"api_keys new:{digest_key(NEW)[:8]}"], []),
        ([], [f"api_keys old:{digest_key(OLD)[:8]}"]),
    ]


@pytest.mark.usefixtures("_polls_come_soon")
def test_rotated_keys_are_counted_from_zero(tmp_path: Path) -> None:
    """The counters of a new key begin at zero, and how old the keys in force are is a metric."""
    rotated = Rotated(tmp_path, api_keys=line(OLD), ADLRISK_ADMIN_KEYS=line(STAYING))
    with rotating(rotated) as server:
        registry = server.app.context.metrics.registry
        name, labels = "adlrisk_callers_turned_away_total", {"key": "new", "status": "429"}
        assert registry.get_sample_value(name, labels) is None
        rotated.files["api_keys"].write_text(line(NEW))
        wait_for(lambda: registry.get_sample_value(name, labels) == 0.0, "the new key")
        keys = [key.name for key in server.app.context.api_keys.configured]
        assert keys == ["new", "key"]  # of the file, and of the variable
        old = {"key": "old", "status": "429"}
        assert registry.get_sample_value(name, old) == 0.0  # what it has counted last can still be read
        rotated.files["api_keys"].write_text(line(NEW, STAYING))
        wait_for(lambda: registry.get_sample_value(name, old) is None, "the old key to be forgotten")
        changes = {"venue": "okx", "kind": "patch", "key": "key"}
        assert registry.get_sample_value("adlrisk_changes_total", changes) == 0.0
        rotated.files["api_keys"].write_text("")
        wait_for(lambda: "key files unusable" in server.log.getvalue(), "the line")
        assert (registry.get_sample_value("adlrisk_keys_staleness_seconds") or 0.0) > 0.0
        (told,) = [entry for entry in server.log_lines() if entry["event"] == "key files unusable"]
    assert told["level"] == "warning"
    assert told["why"].startswith("ADLRISK_API_KEYS_FILE: the file is empty; its content must be digests of keys")


def test_a_key_that_is_removed_while_its_body_comes_changes_nothing(tmp_path: Path) -> None:
    """It is looked at again once the body is there: a slow body would keep a removed key going for its time limit."""
    rotated = Rotated(tmp_path, ADLRISK_ADMIN_KEYS=line(OLD))
    body = b'{"score": {"leverage": 7.5}}'
    head = b"PATCH /venues/okx HTTP/1.1\r\nhost: x\r\nx-api-key: %s\r\ncontent-type: application/json\r\n"
    with rotating(rotated) as server:
        keys = server.app.context.api_keys
        with connected(server, sends=head % OLD.encode() + b"content-length: %d\r\n\r\n" % len(body)) as connection:
            connection.sendall(body[:5])
            wait_for(lambda: server.app.context.metrics.in_flight.value == 1, "the request to begin")
            keys.replace([key._replace(digest=digest_key(NEW), name="new") for key in keys.configured])
            connection.sendall(body[5:])
            assert answer_of(next_answer(connection)).status_code == 401
        leverage = httpx.get(f"{server.url}/venues/okx").json()["score"]["leverage"]
        entries = server.log_lines()
    assert leverage != 7.5
    assert [(entry["status"], entry["key"]) for entry in entries if entry.get("method") == "PATCH"] == [
        (401, "unknown")
    ]
    assert "change" not in [entry["event"] for entry in entries]
