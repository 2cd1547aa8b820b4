"""Errors: every type of problem once, and links to them from the endpoints that have them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from adlrisk.api.endpoints.docs.html.markup import escape, render_inline, render_link, render_table
from adlrisk.api.http.problem_types import PROBLEMS, ProblemType

_FIRST_ERROR: Final = 400


def find_shared(operations: Sequence[dict[str, Any]]) -> frozenset[str]:
    """The types of problems that every one of these operations may answer with."""
    return frozenset.intersection(*(frozenset(_list_problems(operation)) for operation in operations))


def render_links(operation: dict[str, Any], *, shared: frozenset[str]) -> str:
    """The problems of an operation, beside those of all, as links by status."""
    by_status: dict[str, list[str]] = {}
    for slug, status in _list_problems(operation).items():
        if slug not in shared:
            by_status.setdefault(status, []).append(render_link(f"problem-{slug}", slug))
    own = " · ".join(f"<b>{status}</b> {', '.join(links)}" for status, links in sorted(by_status.items()))
    return f'<p class="errors">Errors: {own} · {render_link("every-endpoint", "those of every endpoint")}</p>'


def render_errors(shared: frozenset[str]) -> str:
    """Every type of problem, by status; first those that any request may get."""
    anywhere = [kind for slug, kind in PROBLEMS.items() if slug in shared]
    others = [kind for slug, kind in PROBLEMS.items() if slug not in shared]
    statuses = sorted({kind.statuses[0] for kind in others})
    by_status = "".join(
        f'<h3 id="status-{status}">{status} {escape(HTTPStatus(status).phrase)}</h3>'
        + _render_problems([kind for kind in others if kind.statuses[0] == status])
        for status in statuses
    )
    return f'<h3 id="every-endpoint">At every endpoint</h3>{_render_problems(anywhere)}{by_status}'


def _list_problems(operation: dict[str, Any]) -> dict[str, str]:
    """The types that the answers of an operation name, each with its status."""
    return {
        slug: status
        for status, response in operation["responses"].items()
        if int(status) >= _FIRST_ERROR
        for slug in PROBLEMS
        if f"`{slug}`" in response["description"]
    }


def _list_statuses(kind: ProblemType) -> str:
    return ", ".join(map(str, kind.statuses))


def _render_problems(kinds: Sequence[ProblemType]) -> str:
    return render_table(
        [
            (
                f'<code id="problem-{kind.slug}">{kind.slug}</code> <span class="soft">{_list_statuses(kind)}</span>',
                f"<b>{escape(kind.title)}.</b> {render_inline(kind.explanation)}",
            )
            for kind in kinds
        ]
    )
