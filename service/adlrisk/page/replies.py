"""Replies with a page, and the page in place of one that cannot be shown."""

from collections.abc import Mapping
from typing import Any, Final

import htpy as h

from adlrisk.api.dispatch.endpoint import Answer, Reply
from adlrisk.api.dispatch.pages.page_respond import HTML, PAGE_HEADERS
from adlrisk.page.shell import Here, render_document

HTML_ONLY: Final = {200: Answer(description="The page.", type=str, media_types=("text/html",))}


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
