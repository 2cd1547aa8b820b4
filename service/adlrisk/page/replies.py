"""Replies with a page, and the page in place of one that cannot be shown."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import htpy as h
from markupsafe import Markup

from adlrisk.api.dispatch.endpoint import Answer, Reply
from adlrisk.api.dispatch.pages.page_respond import HTML, PAGE_HEADERS
from adlrisk.api.limits.turns import Turns
from adlrisk.page.shell import Here, render_document

HTML_ONLY: Final = {200: Answer(description="The page.", type=str, media_types=("text/html",))}


async def render_in_turns(parts: Iterable[h.Node], turns: Turns) -> list[Markup]:
    """The parts as text; other requests have a turn after each, since a page takes some milliseconds to render."""
    rendered: list[Markup] = []
    for part in parts:
        rendered.append(Markup(h.fragment[part]))  # noqa: S704  # nosec B704 (it is escaped)
        await turns.wait()
    return rendered


def build_reply(
    *, title: str, here: Here, content: h.Node, status: int = 200, headers: Mapping[str, str] = PAGE_HEADERS
) -> Reply:
    """A page as a reply."""
    body = render_document(title=title, here=here, content=content)
    return Reply(body=body, status=status, media_type=HTML, headers=headers)


def render_problem(problem: Mapping[str, Any]) -> bytes:
    """A page in place of one that cannot be shown."""
    content = [
        h.h1[problem["title"]],
        h.p[problem["detail"]],
        h.p[h.a(href=problem["type"])["What this means"], " · ", h.a(href="/page")["Back to the form"]],
    ]
    return render_document(title=problem["title"], here="", content=content)
