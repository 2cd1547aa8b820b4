"""``GET /docs`` as it is read: first what the score means, errors once, nothing loaded, and a command that works."""

import json
import re
import subprocess
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.endpoints.docs.html.introduction import build_command
from adlrisk.api.endpoints.docs.html.schemas import describe_schema
from adlrisk.api.endpoints.docs.html.style import ICON
from adlrisk.api.endpoints.docs.page import render_page
from adlrisk.api.http.problem_types import PROBLEMS
from support.running import ROOT, RunningServer, example

DOCUMENT: Final[dict[str, Any]] = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
PAGE: Final = render_page(DOCUMENT)
VOID: Final = {"meta", "link"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and notes what its tags say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.loaded: list[str] = []
        self.code: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.anchors += [given["id"] or ""] if "id" in given else []
        if tag == "a":
            self.links.append(given["href"] or "")
        else:
            self.loaded += [given[name] or "" for name in ("href", "src") if name in given]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "pre":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "pre":
            self.code[-1] += data


READ: Final = Reader(PAGE)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_the_page_starts_with_what_the_score_means() -> None:
    """That it counts conditions and is no probability, what is unknown, and what to read beside it."""
    start = text_of(PAGE[PAGE.index("<main>") : PAGE.index('id="first-request"')])
    assert "not a probability: 8 of 10 is not 80 %" in start
    assert "unknown risk is never counted as low" in start
    described = DOCUMENT["components"]["schemas"]["ScoreAnswer"]["properties"]
    for field in ("score", "score_upper", "band", "standing", "nearer_danger", "missing"):
        assert text_of(described[field]["description"]) in start


def test_sections_come_in_order() -> None:
    """The meaning, a request, contents, then everything else."""
    order = ("meaning", "first-request", "contents", "conventions", "endpoints", "errors", "schemas")
    places = [PAGE.index(f'<h2 id="{anchor}">') for anchor in order]
    assert places == sorted(places)


def test_every_link_leads_somewhere() -> None:
    """Each anchor is there once; each link leads to one, or to the document."""
    assert len(READ.anchors) == len(set(READ.anchors))
    assert {link.removeprefix("#") for link in READ.links} - {"openapi.json"} <= set(READ.anchors)


def test_the_page_has_every_endpoint_schema_and_problem() -> None:
    """Each under an anchor of its own, and in the contents."""
    for endpoint in ENDPOINTS:
        assert f"{endpoint.method} {endpoint.path}</code></a>" in PAGE
        assert endpoint.operation_id in READ.anchors
    for name in DOCUMENT["components"]["schemas"]:
        assert name in READ.anchors
    assert {f"problem-{slug}" for slug in PROBLEMS} <= set(READ.anchors)


def test_errors_are_told_once_and_linked() -> None:
    """Of each type, title and explanation are in one place; endpoints link to those that they may answer with."""
    for slug, kind in PROBLEMS.items():
        explained = kind.explanation.replace("`", "")
        alike = [other for other in PROBLEMS.values() if explained in other.explanation.replace("`", "")]
        assert text_of(PAGE).count(explained) == len(alike), slug
    for endpoint in ENDPOINTS:
        start = PAGE.index(f'<h3 id="{endpoint.operation_id}">')
        own = PAGE[start : PAGE.index("<h", start + 3)]
        for slug in endpoint.problems:
            assert f'href="#problem-{slug}"' in own, endpoint.path
        assert 'href="#every-endpoint"' in own


def test_the_page_loads_nothing() -> None:
    """No script, style, font or picture from elsewhere: its icon is in the page."""
    assert READ.loaded == [ICON]
    assert ICON.startswith("data:image/svg+xml,")
    assert not READ.tags & {"script", "img", "iframe", "object", "form"}
    assert not re.search(r"@import|url\(|style=", PAGE)


def test_the_policy_allows_the_style_and_the_icon_only(client: httpx.Client) -> None:
    """Nothing by default; the style by its digest, pictures from the page itself."""
    policy = client.get("/docs").headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("img-src") == "data:"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", directives.pop("style-src"))
    assert set(directives.values()) == {"'none'"}


def test_the_command_works_as_it_is_pasted(server: RunningServer) -> None:
    """In a shell, with the address of the service in its first line; the answer begins as the page says."""
    command, beginning = READ.code[:2]
    address, rest = command.split("\n", 1)
    assert address == "ADLRISK=localhost:8000"
    # What a shell makes of it; not every machine has a curl.
    pasted = f'curl() {{ printf "%s\\0" "$@"; }}\nADLRISK={server.url}\n{rest}\n'
    done = subprocess.run(["sh", "-eu"], input=pasted, capture_output=True, text=True, timeout=30, check=True)
    silent, url, option, header, data, body = done.stdout.split("\0")[:-1]
    assert (silent, option, data) == ("-s", "-H", "-d")
    name, value = header.split(": ")
    answered = httpx.post(url, content=body, headers={name: value}).json()
    shown = json.loads(beginning)
    assert shown == {field: answered[field] for field in shown}
    assert shown["score"] == example("score.answer")["score"]


@pytest.mark.parametrize("text", ["it's", '$HOME `id` \\ "x"', "a\nb"])
def test_a_command_holds_any_text(text: str) -> None:
    """Quotation marks and what a shell would replace reach the service as they are."""
    command = build_command({"text": text}, address="here")
    pasted = f'curl() {{ printf "%s\\0" "$@"; }}\n{command}\n'
    done = subprocess.run(["sh", "-eu"], input=pasted, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout.split("\0")[-2]) == {"text": text}


def test_named_values_are_said_where_they_are_used() -> None:
    """Of a short enum; those of a long one are linked. In answers a later version may have others."""
    schemas: dict[str, Any] = {
        "Side": {"enum": ["long", "short"], "type": "string"},
        "Many": {"enum": [f"value-{n}" for n in range(40)], "type": "string"},
        "Meter": {
            "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
            "discriminator": {"propertyName": "scale", "mapping": {"levels": "…/A", "fraction": "…/B"}},
        },
        "A": {"type": "object"},
    }
    side, text, null = {"$ref": "#/components/schemas/Side"}, {"type": "string"}, {"type": "null"}
    values = "<code>&quot;long&quot;</code> | <code>&quot;short&quot;</code>"
    cases: list[tuple[dict[str, Any], str]] = [
        (side, values),
        ({"anyOf": [side, text]}, f"{values} or a newer value"),
        ({"anyOf": [text, side, null]}, f"a newer value or {values} or null"),
        ({"type": "array", "items": {"anyOf": [side, text]}}, f"array of ({values} or a newer value)"),
        ({"$ref": "#/components/schemas/Many"}, '<a href="#Many">Many</a>, one of 40'),
        ({"anyOf": [text, null]}, "string or null"),
        (
            {"type": "number", "minimum": 1e-12, "exclusiveMaximum": 1.0},
            "number, ≥\N{NO-BREAK SPACE}1e-12, &lt;\N{NO-BREAK SPACE}1",
        ),
        ({"type": "integer", "maximum": 1e15}, "integer, ≤\N{NO-BREAK SPACE}1e15"),
        (
            schemas["Meter"],
            (
                '<a href="#A">A</a> or <a href="#B">B</a>, told by <code>scale</code>: '
                "<code>&quot;levels&quot;</code> or <code>&quot;fraction&quot;</code>"
            ),
        ),
    ]
    for schema, described in cases:
        assert describe_schema(schema, schemas) == described


def test_the_style_keeps_the_page_within_a_narrow_screen() -> None:
    """What cannot be wrapped scrolls by itself, and rows of tables are stacked; both colour schemes are readable."""
    style = PAGE[PAGE.index("<style>") : PAGE.index("</style>")]
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in PAGE
    assert re.search(r"pre \{[^}]*overflow-x: auto", style)
    assert re.search(r"\.scroll \{ overflow-x: auto", style)
    assert re.search(r"@media \(max-width: 40rem\) \{[^@]*td \{ display: block", style)
    assert "color-scheme: light dark" in style
    assert PAGE.count("<table>") == PAGE.count('<div class="scroll"><table>')
