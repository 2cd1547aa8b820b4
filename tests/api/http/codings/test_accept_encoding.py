"""Accept-Encoding: which coding an answer gets, and which its client accepts."""

import pytest

from adlrisk.api.http.codings.accept_encoding import parse_accept_encoding


@pytest.mark.parametrize(
    ("header", "best", "codings", "identity"),
    [
        # RFC 9110, section 12.5.3, has the first five as its examples.
        ("compress, gzip", "gzip", ("gzip",), True),
        ("", None, (), True),
        ("*", "zstd", ("zstd", "gzip"), True),
        ("compress;q=0.5, gzip;q=1.0", "gzip", ("gzip",), True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip", ("gzip",), True),
        # What clients send by themselves: browsers, curl, Python's requests and aiohttp, Go, Node, Prometheus.
        ("gzip, deflate, br, zstd", "zstd", ("zstd", "gzip"), True),
        ("deflate, gzip, br, zstd", "zstd", ("zstd", "gzip"), True),
        ("gzip, deflate", "gzip", ("gzip",), True),
        ("gzip", "gzip", ("gzip",), True),
        ("br, gzip, deflate", "gzip", ("gzip",), True),
        # Qualities decide, then the better coding.
        ("gzip;q=1, zstd;q=0.9", "gzip", ("gzip", "zstd"), True),
        ("zstd;q=0.1, gzip;q=0.1", "zstd", ("zstd", "gzip"), True),
        ("gzip;q=0.5, *;q=0.8", "zstd", ("zstd", "gzip"), True),
        ("zstd;q=0, *", "gzip", ("gzip",), True),
        ("gzip;q=0", None, (), True),
        ("GZIP; Q=0.5 , X-GZIP;q=0.7, zstd;q=0.6", "gzip", ("gzip", "zstd"), True),
        ("x-gzip", "gzip", ("gzip",), True),
        ("gzip;q=0.001", "gzip", ("gzip",), True),
        # An answer without a coding is the last resort unless it is named, and acceptable unless it is excluded.
        ("identity", None, (), True),
        ("identity, gzip", "gzip", ("gzip",), True),
        ("identity, gzip;q=0.9", None, ("gzip",), True),
        ("identity;q=0.5, gzip;q=0.4, zstd;q=0.6", "zstd", ("zstd", "gzip"), True),
        ("identity;q=0", None, (), False),
        ("identity;q=0, gzip", "gzip", ("gzip",), False),
        ("*;q=0", None, (), False),
        ("*;q=0, gzip", "gzip", ("gzip",), False),
        ("*;q=0, identity;q=0.1", None, (), True),
        ("identity;q=0, *", "zstd", ("zstd", "gzip"), False),
        # Whatever is malformed accepts nothing, and refuses nothing else.
        ("gzip;q=2, zstd;q=-1", None, (), True),
        ("gzip;q=, zstd;q=high", None, (), True),
        ("gzip;q=0.5;q=0.9", "gzip", ("gzip",), True),
        (" , ,\t", None, (), True),
        (";;,;q=1", None, (), True),
        ("gzip zstd", None, (), True),
        ('"gzip"', None, (), True),
        ("\xff\xfe", None, (), True),
        (", ".join(["gzip"] * 1000), None, (), True),
    ],
)
def test_qualities_choose_the_coding(header: str, best: str | None, codings: tuple[str, ...], identity: bool) -> None:
    """The coding of the highest quality that is there, the others it accepts, and whether it accepts none."""
    assert parse_accept_encoding(header) == (best, codings, identity)
