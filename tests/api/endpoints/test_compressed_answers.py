"""Answers in gzip and zstd: which are, with what headers, and that nothing else about them differs."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.http.codings.zstandard import zstd
from support.candidates import candidates
from support.hostile.failure_cases import ALLOCATE, BOOK, FILLS, JSON, SCORE, WORKED
from support.large_books import in_rows, rank_request
from support.redis_servers import wait_for
from support.running import RunningServer, serving
from support.sockets import seen

UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress}
PAGES = ("/venues", "/venues/binance", "/openapi.json", "/docs")
PACKED = "application/msgpack"


def ask(client: httpx.Client, method: str, path: str, accepts: str | None, **given: Any) -> httpx.Response:
    """The answer with its content as it came."""
    request = client.build_request(method, path, **given)
    del request.headers["accept-encoding"]
    if accepts is not None:
        request.headers["accept-encoding"] = accepts
    response = client.send(request, stream=True)
    content = b"".join(response.iter_raw())
    response.close()
    headers = httpx.Headers([(name, value) for name, value in response.headers.items() if name != "content-encoding"])
    found = httpx.Response(response.status_code, headers=headers, content=content)
    found.extensions["coding"] = response.headers.get("content-encoding")
    return found


def large_requests() -> dict[str, Any]:
    """Requests with answers of more than 8 KiB, for all endpoints that compress what they work out."""
    position = {**WORKED["position"], "margin_mode": "isolated"}
    legs = [{"id": f"leg-{index}", "symbol": f"S{index}USDT", **position} for index in range(20)]
    book = in_rows(rank_request(100))
    return {
        "/scores": {"items": [WORKED] * 20},
        "/account": {"venue": "binance", "wallet_balance": 1e6, "positions": legs},
        "/fills/classify": {**FILLS, "fills": FILLS["fills"] * 20},
        "/queue/rank": book,
        "/adl/allocate": {**ALLOCATE, "positions": BOOK["positions"]} | {"policies": ["pro_rata_size"]} | _large(book),
    }


def _large(book: dict[str, Any]) -> dict[str, Any]:
    return {
        **book,
        "bankrupt": {"side": "short", "size": 90, "bankruptcy_price": 1.5},
        "policies": ["pro_rata_size"],
        "lot_size": 0.001,
    }


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("path", large_requests())
def test_large_answer_is_compressed_for_who_accepts_it(client: httpx.Client, path: str, coding: str) -> None:
    """Unpacked it is the answer that others get, in both formats; every variant says what it depends on."""
    body = large_requests()[path]
    for media_type, decode in ((JSON["content-type"], json.loads), (PACKED, msgspec.msgpack.decode)):
        given: dict[str, Any] = {"json": body, "headers": {"accept": media_type}}
        plain = ask(client, "POST", path, None, **given)
        packed = ask(client, "POST", path, coding, **given)
        assert plain.status_code == packed.status_code == 200, plain.text
        assert (plain.extensions["coding"], packed.extensions["coding"]) == (None, coding)
        assert plain.headers["vary"] == packed.headers["vary"] == "accept, accept-encoding"
        assert decode(UNPACK[coding](packed.content)) == decode(plain.content)
        assert len(packed.content) < len(plain.content) / 2
        for response in (plain, packed):
            assert int(response.headers["content-length"]) == len(response.content)
            assert response.headers["content-type"] == media_type
            assert "etag" not in response.headers


def test_small_answer_is_not_compressed(client: httpx.Client) -> None:
    """A batch with an answer of less than 8 KiB comes as it is, and says that another might not."""
    answer = ask(client, "POST", "/scores", "gzip, zstd", json={"items": [WORKED]})
    assert (answer.status_code, answer.extensions["coding"]) == (200, None)
    assert len(answer.content) < 8192
    assert answer.headers["vary"] == "accept, accept-encoding"


def test_small_answer_is_compressed_for_who_accepts_nothing_else(client: httpx.Client) -> None:
    """`identity;q=0` refuses an answer without a coding."""
    answer = ask(client, "POST", "/scores", "gzip, identity;q=0", json={"items": [WORKED]})
    assert answer.extensions["coding"] == "gzip"
    assert json.loads(gzip.decompress(answer.content))["results"][0]["max_score"] == 10


@pytest.mark.parametrize("accepts", [None, "", "gzip", "zstd", "identity;q=0, gzip", "*"])
def test_score_is_never_compressed(client: httpx.Client, accepts: str | None) -> None:
    """Nor does it depend on what its client would unpack."""
    answer = ask(client, "POST", "/score", accepts, content=SCORE, headers=JSON)
    assert (answer.status_code, answer.extensions["coding"]) == (200, None)
    assert answer.headers["vary"] == "accept"
    assert answer.json()["max_score"] == 10


def test_problem_is_never_compressed(client: httpx.Client) -> None:
    """An answer that says what is wrong is read by people and logs."""
    answer = ask(client, "POST", "/scores", "identity;q=0, gzip", json={"items": []})
    assert (answer.status_code, answer.extensions["coding"]) == (400, None)
    assert answer.json()["type"] == "/problems/invalid-request"


def test_nobody_is_refused_for_what_he_cannot_unpack(client: httpx.Client) -> None:
    """Who accepts no coding that is there, not even none, gets the answer without one, as RFC 9110, 12.5.3, advises."""
    for accepts in ("br", "*;q=0", "identity;q=0", "deflate, identity;q=0", ";;q", "gzip;q=2", "gzip;q=0"):
        answer = ask(client, "POST", "/scores", accepts, json={"items": [WORKED] * 20})
        assert (answer.status_code, answer.extensions["coding"]) == (200, None), accepts
        assert len(answer.json()["results"]) == 20


@pytest.mark.parametrize("path", PAGES)
def test_page_has_an_etag_in_each_coding(client: httpx.Client, path: str) -> None:
    """A strong ETag names bytes: each variant has its own, and HEAD shows the head of GET for each."""
    tags = {}
    plain = ask(client, "GET", path, None)
    for accepts, coding in (
        (None, None),
        ("identity", None),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
    ):
        page, head = (ask(client, method, path, accepts) for method in ("GET", "HEAD"))
        assert page.status_code == head.status_code == 200
        assert page.extensions["coding"] == head.extensions["coding"] == coding
        assert UNPACK.get(coding or "", bytes)(page.content) == plain.content
        assert head.content == b""
        for name in ("etag", "content-length", "content-type", "vary", "cache-control"):
            assert head.headers[name] == page.headers[name]
        assert page.headers["vary"].endswith("accept-encoding")
        assert int(page.headers["content-length"]) == len(page.content)
        tags[coding] = page.headers["etag"]
    assert len(set(tags.values())) == 3
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags.values())


@pytest.mark.parametrize("path", PAGES)
def test_page_is_revalidated_in_the_coding_that_its_client_has(client: httpx.Client, path: str) -> None:
    """304 with the ETag that matched, if the client accepts that coding now; else the page that it accepts."""
    plain, gzipped, packed = (ask(client, "GET", path, accepts) for accepts in ("identity", "gzip", "zstd"))
    has = {None: plain.headers["etag"], "gzip": gzipped.headers["etag"], "zstd": packed.headers["etag"]}
    cases: tuple[tuple[str | None, str | None, str | None], ...] = (
        ("gzip", "gzip", "gzip"),
        ("zstd", "zstd", "zstd"),
        ("zstd, gzip", "gzip", "gzip"),
        ("gzip", None, None),
        (None, None, None),
        ("gzip", "zstd", "the page"),
        (None, "gzip", "the page"),
    )
    for accepts, known, shown in cases:
        for tag in (has[known], f"W/{has[known]}", f'"other", {has[known]}'):
            answer = ask(client, "GET", path, accepts, headers={"if-none-match": tag})
            assert answer.headers["vary"] == plain.headers["vary"]
            if shown == "the page":
                assert answer.status_code == 200
                continue
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == has[shown]
            assert answer.extensions["coding"] is None
            assert not {"content-length", "content-type"} & set(answer.headers)
    whatever = ask(client, "GET", path, "gzip", headers={"if-none-match": "*"})
    assert (whatever.status_code, whatever.headers["etag"]) == (304, has["gzip"])


def test_card_is_changed_with_the_etag_of_any_coding(admin: httpx.Client) -> None:
    """`If-Match` means the card, however its ETag came."""
    for accepts in ("identity", "gzip", "zstd"):
        tag = ask(admin, "GET", "/venues/okx", accepts).headers["etag"]
        changed = admin.patch("/venues/okx", json={}, headers={"if-match": tag})
        assert changed.status_code == 200, changed.text
    admin.delete("/venues/okx/override").raise_for_status()


def test_metrics_are_compressed(client: httpx.Client) -> None:
    """Prometheus accepts gzip; the format depends on Accept as well."""
    answer = ask(client, "GET", "/metrics", "gzip")
    assert answer.extensions["coding"] == "gzip"
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert b"# HELP adlrisk_" in gzip.decompress(answer.content)


@pytest.mark.parametrize("coding", UNPACK)
def test_five_hundred_candidates_take_100_kb_either_way(client: httpx.Client, coding: str) -> None:
    """A batch of 500 and its full answers are 100 kB at most on the wire, each of them."""
    body = json.dumps({"items": candidates()}).encode()
    packed = gzip.compress(body) if coding == "gzip" else zstd.compress(body)
    headers = {**JSON, "content-encoding": coding}
    answer = ask(client, "POST", "/scores", coding, content=packed, headers=headers)
    results = json.loads(UNPACK[coding](answer.content))["results"]
    assert len(results) == 500
    assert all(len(result["signals"]) == 5 for result in results)
    assert len(packed) <= 100_000
    assert len(answer.content) <= 100_000
    assert len(body) + len(UNPACK[coding](answer.content)) > 1_000_000


def test_large_book_is_compressed_by_the_worker(client: httpx.Client) -> None:
    """Its answer crosses to the service compressed, is announced with its length, and unpacks to the plain answer."""
    body = rank_request(20_000)
    plain = ask(client, "POST", "/queue/rank", None, json=body)
    assert len(plain.content) > 1 << 20
    for coding, unpack in UNPACK.items():
        answer = ask(client, "POST", "/queue/rank", coding, json=body)
        assert answer.extensions["coding"] == coding
        assert int(answer.headers["content-length"]) == len(answer.content) < len(plain.content) / 2
        assert unpack(answer.content) == plain.content


def counted(server: RunningServer) -> tuple[float, float]:
    """The bytes of the bodies of batches, of requests and of answers, that the metrics have counted."""
    request, response = (f"adlrisk_http_{which}_body_bytes_sum" for which in ("request", "response"))
    return seen(server, request, route="/scores"), seen(server, response, route="/scores")


@pytest.mark.parametrize("items", [8, 40], ids=["small", "large"])
@pytest.mark.parametrize("coding", ["", "gzip"], ids=["plain body", "coded body"])
def test_metrics_count_bytes_on_the_wire(server: RunningServer, client: httpx.Client, items: int, coding: str) -> None:
    """What came and what went, each as it was compressed."""
    body = json.dumps({"items": [WORKED] * items}).encode()
    sent = gzip.compress(body) if coding else body
    received, answered = counted(server)
    answer = ask(client, "POST", "/scores", "gzip", content=sent, headers={**JSON, "content-encoding": coding})
    assert answer.extensions["coding"] == "gzip"
    expected = (received + len(sent), answered + len(answer.content))
    wait_for(lambda: counted(server) == expected, f"{expected} bytes")  # counted once the answer has been sent


def test_setting_leaves_compression_to_a_proxy() -> None:
    """With a size of 0 nothing is compressed, and no answer depends on Accept-Encoding."""
    with serving(compress_from_bytes=0) as (_, client):
        for method, path, given in (("GET", "/venues", {}), ("POST", "/scores", {"json": {"items": [WORKED] * 20}})):
            answer = ask(client, method, path, "gzip, zstd", **given)
            assert (answer.status_code, answer.extensions["coding"]) == (200, None)
            assert answer.headers["vary"] == "accept"
        tag = ask(client, "GET", "/venues", "gzip").headers["etag"]
        assert ask(client, "GET", "/venues", "gzip", headers={"if-none-match": "*"}).headers["etag"] == tag
