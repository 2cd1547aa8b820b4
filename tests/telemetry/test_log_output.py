"""Log output: lines reach their reader in order, and a stalled reader stops no writer."""

import fcntl
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adlrisk.telemetry import log_output
from adlrisk.telemetry.log_output import DescriptorOutput, NoOutput, StreamOutput, standard_output
from support.redis_servers import wait_for

PIPE_BYTES = 4096


class Pipe:
    """The smallest possible pipe, whose reader reads when told to."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def hang_up(self) -> None:
        os.close(self.reader)
        self.reader = -1

    def read_number_of_lines(self, count: int) -> list[bytes]:
        received = b""
        while received.count(b"\n") < count:
            received += os.read(self.reader, 1 << 16)
        return received.splitlines()

    def read_lines(self, *, until: bytes) -> list[bytes]:
        """Lines up to and including the given last one."""
        received = b""
        while not received.endswith(until + b"\n"):
            received += os.read(self.reader, 1 << 16)
        return received.splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    if made.reader >= 0:
        os.close(made.reader)
    os.close(made.writer)


def numbered(count: int) -> list[bytes]:
    return [b"line %d" % number for number in range(count)]


def test_a_reader_gets_every_line_in_order(pipe: Pipe) -> None:
    """More lines than the pipe holds arrive whole, in order."""
    output = DescriptorOutput(pipe.writer)
    for line in numbered(2000):
        output.write(line + b"\n")
    assert pipe.read_lines(until=b"line 1999") == numbered(2000)
    assert output.dropped.value == 0


def test_a_stalled_reader_stops_no_writer_and_loses_only_excess_lines(pipe: Pipe) -> None:
    """Without a reader, writing goes on; later, buffered lines come whole and in order, and all others are counted."""
    output = DescriptorOutput(pipe.writer, max_waiting_bytes=10_000)
    for line in numbered(5000):
        output.write(line + b"\n")
    dropped = output.dropped.value
    assert 5000 - (10_000 + PIPE_BYTES + 10_000) // len(b"line 0\n") < dropped < 5000
    assert len(output._waiting) <= 10_000  # noqa: SLF001 (the bound on memory)
    kept = pipe.read_number_of_lines(5000 - dropped)
    assert kept == sorted(kept, key=lambda line: int(line.split()[1]))
    output.write(b"again\n")
    assert pipe.read_lines(until=b"again") == [b"again"]
    assert output.dropped.value == dropped


def test_ordinary_lines_leave_room_for_those_that_must_stay(pipe: Pipe) -> None:
    """A buffer full of lines that anybody can cause takes audit lines still, up to a bound of their own."""
    output = DescriptorOutput(pipe.writer, max_waiting_bytes=10_000, reserved_bytes=100)
    for line in numbered(5000):
        output.write(line + b"\n")
    dropped = output.dropped.value
    for number in range(12):
        output.write(b"audit %03d\n" % number, must_stay=True)
    kept = pipe.read_number_of_lines(5000 - dropped + 10)
    audited = [line for line in kept if line.startswith(b"audit")]
    assert audited[:10] == [b"audit %03d" % number for number in range(10)]
    assert len(audited) + output.dropped.value - dropped == 12
    assert len(audited) < 12


@pytest.mark.parametrize("kind", ["full", "reader gone"])
def test_a_failing_descriptor_drops_lines_and_raises_nothing(pipe: Pipe, kind: str) -> None:
    """With a full disk or a broken pipe lines are dropped and counted, and nothing else happens."""
    if kind == "full":
        descriptor = os.open("/dev/full", os.O_WRONLY)
    else:
        pipe.hang_up()
        descriptor = os.dup(pipe.writer)
    output = DescriptorOutput(descriptor)
    for line in numbered(100):
        output.write(line + b"\n")
    wait_for(lambda: output.dropped.value == 100, "all lines dropped")
    os.close(descriptor)


def test_writing_resumes_when_the_disk_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated line stays on its own line, and later ones are whole."""
    with (tmp_path / "log").open("wb") as file:
        output = DescriptorOutput(file.fileno())
        write = output._write_once  # noqa: SLF001 (a disk that fills up in the middle of a line)
        attempts: Iterator[Any] = iter((lambda lines: write(lines[:4]), _no_space, write))

        def attempt(lines: memoryview) -> int:
            written: int = next(attempts)(lines)
            return written

        monkeypatch.setattr(output, "_write_once", attempt)
        output.write(b"line 1\nline 2\n")
        wait_for(lambda: output.dropped.value == 2, "two lines dropped")
        output.write(b"line 3\n")
        output.flush()
    assert (tmp_path / "log").read_bytes() == b"line\nline 3\n"
    assert output.dropped.value == 2


def test_a_non_blocking_descriptor_loses_nothing(pipe: Pipe) -> None:
    """Another holder of a pipe may make it non-blocking: lines still wait for the reader."""
    os.set_blocking(pipe.writer, False)
    output = DescriptorOutput(pipe.writer)
    for line in numbered(2000):
        output.write(line + b"\n")
    assert pipe.read_lines(until=b"line 1999") == numbered(2000)
    assert output.dropped.value == 0


def test_a_flush_returns_when_all_is_written(pipe: Pipe) -> None:
    """Lines taken before it are in the pipe after it."""
    output = DescriptorOutput(pipe.writer)
    output.write(b"line 1\n")
    output.flush()
    os.set_blocking(pipe.reader, False)
    assert os.read(pipe.reader, 100) == b"line 1\n"


def test_a_flush_gives_up_on_a_stalled_reader(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may end although its log is not read."""
    monkeypatch.setattr(log_output, "_FLUSH_SECONDS", 0.05)
    output = DescriptorOutput(pipe.writer)
    output.write(b"x" * 2 * PIPE_BYTES + b"\n")
    flushing = threading.Thread(target=output.flush, daemon=True)
    flushing.start()
    flushing.join(30.0)
    assert not flushing.is_alive()


def test_a_process_without_standard_output_counts_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it was closed at the start, lines are dropped and counted."""
    monkeypatch.setattr(sys, "stdout", None)
    output = standard_output.__wrapped__()
    assert isinstance(output, NoOutput)
    output.write(b"line 1\nline 2\n")
    assert output.dropped.value == 2


def test_a_closed_stream_drops_lines_and_raises_nothing() -> None:
    """Nor does a closed in-memory stream fail."""
    stream = io.StringIO()
    output = StreamOutput(stream)
    output.write("käse\n".encode())
    assert stream.getvalue() == "käse\n"
    stream.close()
    output.write(b"line 2\n")
    assert output.dropped.value == 1


def _no_space(*_: object) -> int:
    raise OSError(28, "No space left on device")
