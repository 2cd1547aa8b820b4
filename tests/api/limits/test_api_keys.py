"""API keys: compared in constant time, and forgotten once the request is answered."""

import gc
import types
from typing import Any

import pytest

from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import ApiKeys, digest_key, generate_key
from adlrisk.settings import Settings
from support.hostile.failure_cases import SCORE
from support.redis_servers import wait_for
from support.running import serving
from support.sockets import connected, next_answer

HEADERS = (b"x-api-key: %s", b"authorization: Bearer %s", b"cookie: session=%s", b"proxy-authorization: Basic %s")


def find_texts_with(start: list[Any], key: bytes) -> list[bytes | bytearray | str]:
    """Return every text reachable from ``start`` that contains ``key``, not looking into modules and classes."""
    seen, waiting = {id(start)}, list(start)
    found: list[bytes | bytearray | str] = []
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, types.ModuleType | type):
            continue
        seen.add(id(one))
        if (isinstance(one, str) and key.decode() in one) or (isinstance(one, bytes | bytearray) and key in one):
            found.append(one)
        if isinstance(one, types.FunctionType):  # what it closes over, not the module that it was written in
            waiting += [one.__closure__, one.__defaults__, one.__kwdefaults__]
        else:
            waiting += gc.get_referents(one)
    return found


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("times", [1, 3])
def test_idle_connection_keeps_no_key(header: bytes, times: int) -> None:
    """Once a request is answered, neither the head cache nor the connection holds its key."""
    key = generate_key()
    settings = {"api_keys": digest_key(key)} if header.startswith((b"x-api-key", b"authorization")) else {}
    request = (
        b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n%b\r\ncontent-length: %d\r\n\r\n"
        % (
            header % key.encode(),
            len(SCORE),
        )
    )
    with serving(**settings) as (server, _), connected(server) as connection:
        for _ in range(times):
            connection.sendall(request + SCORE)
            assert next_answer(connection).startswith(b"HTTP/1.1 200 ")
        assert len(server.app.fast_path.heads) == 1
        connections = list(server._server.server_state.connections)  # noqa: SLF001 (the server has no other list)
        assert len(connections) == 1
        start = [server.app, *(vars(one) for one in connections)]
        wait_for(lambda: not find_texts_with(start, key.encode()), "no key anywhere")


def test_every_known_key_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timing does not reveal which key was nearly right: all digests are compared, each in constant time."""
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("hmac.compare_digest", compare)
    known = [digest_key(name) for name in ("one", "two", "three")]
    keys = ApiKeys(Settings(api_keys=",".join(known)))
    for presented in ("one", "three", "none of them"):
        compared.clear()
        keys.find_digest(Headers([(b"x-api-key", presented.encode())]))
        assert sorted(digest for digest, _ in compared) == sorted(known)


@pytest.mark.parametrize("bearer", ["reads", "administers"])
def test_the_key_with_the_most_access_counts(bearer: str) -> None:
    """Of two known keys in one request the right and the name are those of the higher one, wherever it stands."""
    (other,) = {"reads", "administers"} - {bearer}
    keys = ApiKeys(Settings(api_keys=f"reader:{digest_key('reads')}", admin_keys=f"admin:{digest_key('administers')}"))
    headers = Headers([(b"authorization", b"Bearer " + bearer.encode()), (b"x-api-key", other.encode())])
    assert keys.admit("admin", headers) == keys.admit("read", headers) == keys.identify(headers) == "admin"


def test_an_unknown_token_beside_a_known_key_is_a_gateways() -> None:
    """The known one counts."""
    keys = ApiKeys(Settings(api_keys=f"reader:{digest_key('reads')}"))
    headers = Headers([(b"authorization", b"Bearer of-a-gateway"), (b"x-api-key", b"reads")])
    assert keys.identify(headers) == "reader"
    assert keys.identify(Headers([(b"authorization", b"Bearer of-a-gateway")])) == "unknown"
    assert keys.identify(Headers([(b"authorization", b"Basic eDp5")])) is None
