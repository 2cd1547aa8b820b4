"""``GET /docs`` and ``GET /openapi.json``: rendered once, and not sent again to clients that have them."""

import io
from typing import Any

import httpx
import pytest

from adlrisk.api import app
from adlrisk.api.endpoints.docs.page import render_page
from adlrisk.settings import Settings
from support.running import RunningServer

PAGES = ("/docs", "/openapi.json")


def test_service_renders_each_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often they are requested, the document is built once and the page is rendered once."""
    rendered: list[dict[str, Any]] = []

    def counted(document: dict[str, Any]) -> str:
        rendered.append(document)
        return render_page(document)

    monkeypatch.setattr(app, "render_page", counted)
    with (
        RunningServer(Settings(), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        answers = {path: [client.get(path).content for _ in range(5)] for path in PAGES}
        assert len(rendered) == 1
        assert [len(set(contents)) for contents in answers.values()] == [1, 1]
        openapi_page = server.app.context.openapi_page()
        assert server.app.context.openapi_page() is openapi_page


@pytest.mark.parametrize("path", PAGES)
def test_matching_etag_yields_304(client: httpx.Client, path: str) -> None:
    """If the page's ETag is in If-None-Match, the answer is 304 without a body; else it is the page."""
    page = client.get(path)
    etag = page.headers["etag"]
    assert etag.startswith('"')
    assert page.headers["cache-control"] == "no-cache"
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        unchanged = client.get(path, headers={"if-none-match": known})
        assert unchanged.status_code == 304
        assert unchanged.content == b""
        assert unchanged.headers["etag"] == etag
        assert not {"content-length", "content-type"} & set(unchanged.headers)
    for unknown in ("", '"other"', etag.strip('"')):
        again = client.get(path, headers={"if-none-match": unknown})
        assert (again.status_code, again.content) == (200, page.content)


def test_different_pages_have_different_etags(client: httpx.Client) -> None:
    """An ETag identifies the content."""
    assert len({client.get(path).headers["etag"] for path in PAGES}) == 2


@pytest.mark.parametrize("path", PAGES)
def test_head_has_the_headers_of_get(client: httpx.Client, path: str) -> None:
    """HEAD sends length and ETag without the content, and 304 if the client has the page."""
    got, head = client.get(path), client.head(path)
    assert {name: head.headers[name] for name in ("etag", "content-length", "content-type")} == {
        name: got.headers[name] for name in ("etag", "content-length", "content-type")
    }
    assert head.content == b""
    assert client.head(path, headers={"if-none-match": got.headers["etag"]}).status_code == 304
