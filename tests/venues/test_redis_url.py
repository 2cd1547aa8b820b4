"""Parsing of Redis URLs."""

from typing import Any

import pytest

from adlrisk.venues.redis_client import RedisAccess, RedisAddress, parse_url


def address(**given: Any) -> RedisAddress:
    """A standalone server without a password, changed by ``given``."""
    plain: dict[str, Any] = {
        "topology": "standalone", "tls": False, "hosts": (("redis", 6379),), "username": None, "password": None,
        "database": 0, "service": None,
    }  # fmt: skip
    return RedisAddress(**{**plain, **given})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://redis", address()),
        ("redis://redis/", address()),
        ("redis://redis:7000/3", address(hosts=(("redis", 7000),), database=3)),
        ("rediss://redis", address(tls=True)),
        ("redis://[::1]:7000", address(hosts=(("::1", 7000),))),
        ("redis://[2001:db8::1]", address(hosts=(("2001:db8::1", 6379),))),
        ("redis://:p%40ss%2Fword@redis", address(password="p@ss/word")),
        ("redis://user:a:b@redis", address(username="user", password="a:b")),
        ("redis://user:a@b@redis", address(username="user", password="a@b")),
        ("redis+cluster://a,b:7001", address(topology="cluster", hosts=(("a", 6379), ("b", 7001)))),
        ("rediss+cluster://:x@a", address(topology="cluster", hosts=(("a", 6379),), password="x", tls=True)),
        ("redis+sentinel://a,b:1/main", address(topology="sentinel", hosts=(("a", 26379), ("b", 1)), service="main")),
        (
            "redis+sentinel://a, b:1/my%20m",
            address(topology="sentinel", hosts=(("a", 26379), ("b", 1)), service="my m"),
        ),
        ("redis+sentinel://a/main/2", address(topology="sentinel", hosts=(("a", 26379),), service="main", database=2)),
    ],
)  # fmt: skip
def test_a_url_is_parsed(url: str, expected: RedisAddress) -> None:
    """Topology, TLS, hosts, credentials, database and service, with default ports."""
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "redis:///0", "redis://", "http://redis", "redis://redis/main", "redis://redis/1/2", "redis://redis:seven",
        "redis+sentinel://a", "redis+sentinel://a/main/x", "redis+cluster://a/1", "redis://:pw@", "redis+cluster://a,,b",
        "redis://redis?db=3", "redis://:a#b@redis", "redis://a,b", "redis://[::1", "redis://:pw\u2100x@redis",
    ],
)  # fmt: skip
def test_an_invalid_url_is_refused(url: str) -> None:
    """The reason does not show the URL."""
    with pytest.raises(ValueError, match=r"^(the|a|behind|several) ") as refused:
        parse_url(url)
    assert url not in str(refused.value)
    assert "pw" not in str(refused.value)


def test_reprs_show_no_password() -> None:
    """Neither the URL's nor the separate ones; everything else is shown."""
    access = RedisAccess(
        address=parse_url("rediss+sentinel://someone:in-url@one/main"),
        password="beside",
        sentinel_password="sentinel's",
    )
    shown = repr(access)
    assert not [secret for secret in ("in-url", "beside", "sentinel's") if secret in shown]
    assert shown.count("[hidden]") == 3
    assert "someone" in shown
    assert "password=None" in repr(parse_url("redis://one"))
