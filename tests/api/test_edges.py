"""What every endpoint does at its edges: media types, limits, methods, ids, caching, health."""

import socket
from typing import Any

import httpx
import pytest
from failure_cases import JSON, SCORE

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.problems import PROBLEMS
from running import RunningServer, assert_problem


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']
)
def test_json_may_say_that_it_is_utf8(client: httpx.Client, content_type: str) -> None:
    """Case and a UTF-8 charset do not matter."""
    assert client.post("/score", content=SCORE, headers={"content-type": content_type}).status_code == 200


def test_an_announced_body_beyond_the_limit_is_refused_unread(server: RunningServer) -> None:
    """413 comes before the body is sent, when its length is announced."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 65537\r\n\r\n"
        )
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"/problems/body-too-large" in answer


def test_a_body_at_the_limit_is_taken(client: httpx.Client) -> None:
    """Exactly 64 KiB is within the limit."""
    body = SCORE + b" " * (65536 - len(SCORE))
    assert client.post("/score", content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/score", "OPTIONS, POST"),
        ("PUT", "/score", "OPTIONS, POST"),
        ("DELETE", "/venues", "GET, HEAD, OPTIONS"),
        ("POST", "/venues/okx", "GET, HEAD, OPTIONS"),
        ("TRACE", "/score", "OPTIONS, POST"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
    ],
)
def test_other_methods_are_refused_with_those_allowed(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    """405 with an Allow header."""
    response = client.request(method, path)
    assert_problem(response, "method-not-allowed", 405)
    assert response.headers["allow"] == allowed
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (204, allowed)


@pytest.mark.parametrize("path", [endpoint.path for endpoint in ENDPOINTS if endpoint.method == "GET"])
def test_head_works_wherever_get_does(client: httpx.Client, path: str) -> None:
    """HEAD answers with the status and headers of GET, and no body."""
    concrete = path.replace("{venue}", "okx").replace("{slug}", "not-found")
    got, head = client.get(concrete), client.head(concrete)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    if path != "/metrics":  # which changes with every request
        assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["content-type"] == got.headers["content-type"]


def test_a_request_id_is_echoed(client: httpx.Client) -> None:
    """A well-formed X-Request-ID comes back and names problems."""
    headers = {"x-request-id": "bot-7:42_a.b"}
    assert client.get("/venues", headers=headers).headers["x-request-id"] == "bot-7:42_a.b"
    assert assert_problem(client.get("/nowhere", headers=headers), "not-found", 404)["instance"] == "bot-7:42_a.b"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "ä", 'a"b'])
def test_a_bad_request_id_is_replaced(client: httpx.Client, given: str) -> None:
    """Anything else is replaced by one of the service's own, each different."""
    made = {client.get("/", headers=[(b"x-request-id", given.encode())]).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert given not in made


def test_live_and_ready(client: httpx.Client) -> None:
    """While serving, both health endpoints say so, and ready names the store."""
    assert client.get("/health/live").json() == {"status": "alive"}
    assert client.get("/health/ready").json() == {"status": "ready", "store": "memory", "reasons": []}


def test_not_ready_while_draining(server: RunningServer, client: httpx.Client) -> None:
    """A draining service turns readiness off and goes on answering."""
    service = server.app.service
    service.drain()
    try:
        response = client.get("/health/ready")
        assert_problem(response, "not-ready", 503)
        assert int(response.headers["retry-after"]) >= 1
        assert client.get("/health/live").status_code == 200
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200
    finally:
        service.start()


@pytest.mark.parametrize("slug", PROBLEMS)
def test_every_problem_type_explains_itself(client: httpx.Client, slug: str) -> None:
    """The path in `type` answers with the explanation."""
    page = client.get(f"/problems/{slug}").json()
    assert page["type"] == f"/problems/{slug}"
    assert page["title"] == PROBLEMS[slug].title
    assert len(page["explanation"]) > 20


def test_a_defect_shows_nothing_of_itself(
    server: RunningServer, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception is a 500 problem without a word about the inside, and one log line with it."""

    def broken() -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr(server.app.service, "clock", broken)
    response = client.post("/score", content=SCORE, headers=JSON)
    assert_problem(response, "internal-error", 500)
    assert "secret" not in response.text
    (line,) = [line for line in server.log_lines() if line["event"] == "defect"]
    assert line["request_id"] == response.headers["x-request-id"]
    assert "the secret inside" in line["exception"]


def test_the_docs_page_needs_nothing_from_elsewhere(client: httpx.Client) -> None:
    """The page loads no script, style, font or picture, and shows every endpoint."""
    page = client.get("/docs").text
    for loading in ("<script", "<link", "<img", "src=", "@import", "http://", "https://"):
        assert loading not in page
    for endpoint in ENDPOINTS:
        assert f"{endpoint.method} {endpoint.path}</code>" in page


def test_root_links_lead_somewhere(client: httpx.Client) -> None:
    """Every link of the root answers 200."""
    root: dict[str, Any] = client.get("/").json()
    assert root["name"] == "adlrisk"
    assert "not investment advice" in root["notice"]
    assert len(root["links"]) >= 5
    for link in root["links"].values():
        assert client.get(link).status_code == 200, link
