"""How pages are served: to whom, with which headers, under which limits, and that they can be switched off."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from adlrisk.page.assets import ASSETS
from adlrisk.page.examples import EXAMPLES
from adlrisk.settings import Settings
from support.pages import BROWSER, WORKED, read_page
from support.running import RunningServer

HTML = "text/html; charset=utf-8"


@contextmanager
def serve(settings: Settings) -> Iterator[tuple[RunningServer, httpx.Client]]:
    """A service under these settings, and a client of it."""
    with (
        RunningServer(settings, log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, timeout=60.0) as client,
    ):
        yield server, client


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER["accept"], HTML),
        ("text/html", HTML),
        ("text/html;q=0.9, application/json;q=0.1", HTML),
        ("text/*", HTML),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html;q=0.5, */*;q=0.8", "application/json"),
        ("application/msgpack, text/html;q=0.5", "application/msgpack"),
    ],
)
def test_root_answers_html_where_it_is_preferred(client: httpx.Client, accept: str, media_type: str) -> None:
    """Browsers get the page at /, all others what they got before; caches are told that it depends on Accept."""
    response = client.get("/", headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert "accept" in response.headers["vary"].split(", ")
    assert read_page(response.text).has("form") if media_type == HTML else b"/openapi.json" in response.content


def test_root_is_data_as_before_for_others(client: httpx.Client) -> None:
    """Who asks for JSON is answered exactly as a service without pages answers."""
    with serve(Settings(page="off", log_level="error")) as (_, plain):
        for accept in ("*/*", "application/json", "application/msgpack", "text/plain"):
            before, now = (each.get("/", headers={"accept": accept}) for each in (plain, client))
            kept = [name for name in before.headers if name not in ("x-request-id", "date", "content-length")]
            assert before.status_code == now.status_code
            if "json" in before.headers["content-type"]:
                assert {**before.json(), "instance": ""} == {**now.json(), "instance": ""}  # an id of its own
            else:
                assert before.content == now.content
            assert [before.headers[name] for name in kept] == [now.headers[name] for name in kept]


def test_switched_off_there_is_no_page() -> None:
    """With ADLRISK_PAGE=off the paths of pages do not exist, and a browser gets at / what it got before."""
    with serve(Settings(page="off", log_level="error")) as (_, client):
        for path in ("/page", "/page/page.css", "/page/venues", "/page/book"):
            assert client.get(path, headers=BROWSER).status_code == 404
            assert client.post(path).status_code == 404
        assert client.get("/", headers=BROWSER).headers["content-type"] == "application/json"
        assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/page", "/page?size=1", "/page/venues", f"/page/{ASSETS['page.css'].lasting_name}"]
)
def test_head_has_the_headers_of_get(client: httpx.Client, path: str) -> None:
    """HEAD of a page has the status and headers of GET, and nothing else."""
    get, head = (client.request(method, path, headers=BROWSER) for method in ("GET", "HEAD"))
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "vary", "cache-control", "content-security-policy"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("path", ["/", "/page"])
def test_empty_form_is_revalidated(client: httpx.Client, path: str) -> None:
    """A browser that has the empty form is told that it is current, in the coding in which it has it."""
    first = client.get(path, headers=BROWSER)
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={**BROWSER, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("query", ["?size=1", "?" + "&".join(f"{name}={text}" for name, text in WORKED.items())])
def test_results_are_not_stored(client: httpx.Client, query: str) -> None:
    """What somebody asked is kept by no cache."""
    response = client.get(f"/page{query}", headers=BROWSER)
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize("fields", [{}, {"size": "x"}, WORKED, EXAMPLES["an account with a hedge"]])
def test_pages_run_nothing_but_their_own(client: httpx.Client, fields: dict[str, str]) -> None:
    """The policy has no `unsafe`, and the page needs none: no inline style, script or handler, nothing foreign."""
    response = client.get("/page", params=fields, headers=BROWSER)
    policy = response.headers["content-security-policy"]
    assert policy.split("; ")[0] == "default-src 'self'"
    assert {"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'"} <= set(
        policy.split("; ")
    )
    assert "unsafe" not in policy
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["x-content-type-options"] == "nosniff"
    page = read_page(response.text)
    assert not page.all("style")
    for element in page.walk():
        assert "style" not in element.attributes
        assert not any(name.startswith("on") for name in element.attributes)
        for name in ("src", "href", "action", "formaction"):
            address = element.attributes.get(name, "/")
            assert address.startswith(("/", "#")), address
            assert not address.startswith("//")
    assert all(script.text == "" and "src" in script.attributes for script in page.all("script"))


def test_assets_of_a_page_exist_and_may_be_kept(client: httpx.Client) -> None:
    """Style, script and icon have names that change with their content, and are kept for a year."""
    page = read_page(client.get("/page").text)
    addresses = [each.attributes["href"] for each in page.all("link")] + [
        each.attributes["src"] for each in page.all("script")
    ]
    assert len(addresses) == 3
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert re.search(r"\.[0-9a-f]{10}\.(css|js|svg)\Z", address)
        assert response.headers["content-type"] in (
            "text/css; charset=utf-8",
            "text/javascript; charset=utf-8",
            "image/svg+xml",
        )
        plain = re.sub(r"\.[0-9a-f]{10}\.", ".", address)
        assert client.get(plain).headers["cache-control"] == "no-cache"
    assert client.get("/page/other.css").status_code == 404


def test_style_and_script_load_nothing_from_elsewhere() -> None:
    """No style refers to an address, and the script is short and asks only this service."""
    style, script = ASSETS["page.css"].content.decode(), ASSETS["page.js"].content.decode()
    assert "url(" not in style
    assert "@import" not in style
    assert "//" not in re.sub(r"//.*", "", script)
    assert len(script.splitlines()) < 150


def test_whole_page_takes_at_most_60_kilobytes(client: httpx.Client) -> None:
    """Page, style, script and icon, as a browser receives them, are 60 kB together at most, for every example."""
    assets = sum(int(client.get(asset.address).headers["content-length"]) for asset in ASSETS.values())
    for fields in EXAMPLES.values():
        page = client.get("/page", params=fields, headers=BROWSER)
        assert page.headers["content-encoding"] in ("gzip", "zstd")
        assert int(page.headers["content-length"]) + assets <= 60_000


def test_pages_are_counted_and_logged_without_their_query() -> None:
    """A page is a request of its route in metrics and log, without what was filled in; its score is counted as any."""
    with serve(Settings(log_level="info")) as (server, client):
        client.get("/page", params=WORKED, headers=BROWSER)
        client.get("/page/venues/binance", headers=BROWSER)
        metrics = client.get("/metrics").text
        lines = [json.loads(line) for line in server.log.getvalue().splitlines() if '"route"' in line]
    assert 'adlrisk_http_requests_total{method="GET",route="/page",status="200"} 1.0' in metrics
    assert re.search(r'adlrisk_scores_total\{[^}]*venue="binance"[^}]*\} 1\.0', metrics)
    assert [line["route"] for line in lines][:2] == ["/page", "/page/venues/{venue}"]
    assert "ETHUSDT" not in server.log.getvalue()


def test_calls_of_a_page_count_against_the_rate_limit() -> None:
    """A page costs as many requests as it makes of the API, and beyond the limit it says so as a page."""
    with serve(Settings(rate_limit="8/hour", log_level="error")) as (_, client):
        first, second, third = (client.get("/page", params=WORKED, headers=BROWSER) for _ in range(3))
        assert client.get("/page", headers=BROWSER).status_code == 200  # the form alone asks nothing
    assert [each.status_code for each in (first, second, third)] == [200, 200, 429]
    assert not read_page(first.text).has("errors")
    score, rest = (read_page(second.text).find(section).text for section in ("answer", "if-adl-hits"))
    assert "8 of 10" in score
    assert "More than 8 requests in 3600 s" in rest
    assert "More than 8 requests in 3600 s" in read_page(third.text).find("errors").text


def test_forms_are_read_within_the_limit_of_a_score(client: httpx.Client) -> None:
    """A form larger than a score may be is refused unread, as a page."""
    body = {"size": (None, "1" * 70_000)}
    response = client.post("/page", files=body, headers=BROWSER)
    assert response.status_code == 413
    assert response.headers["content-type"] == HTML
    assert "65536 bytes" in read_page(response.text).find("main").text


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, b"size=1", 415),
        ({"content-type": "multipart/form-data"}, b"", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\nbroken", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--\r\n", 400),
        ({"content-type": 'multipart/form-data; boundary="\xff"'}, b"--x--", 400),
        ({"content-type": "multipart/form-data; boundary=" + "x" * 500}, b"--x--", 400),
    ],
)
def test_broken_forms_get_a_page(client: httpx.Client, headers: dict[str, str], content: bytes, status: int) -> None:
    """A body that is no form of this page is refused with a page that leads back."""
    encoded = [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
    response = client.post("/page", content=content, headers=encoded)
    assert response.status_code == status
    assert response.headers["content-type"] == HTML
    assert any(link.attributes["href"] == "/page" for link in read_page(response.text).find("main").all("a"))
