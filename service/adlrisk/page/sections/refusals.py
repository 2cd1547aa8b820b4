"""In place of a section that the API does not answer: what it needs for it, with links to the fields of the form."""

from collections.abc import Mapping
from typing import Any

import htpy as h

from adlrisk.page.form.bodies import find_field
from adlrisk.page.form.fields import FIELDS


def render_refusal(problem: Mapping[str, Any], *, title: str, css_id: str) -> h.Element:
    """What the API needs, from the ``problem`` that it answered."""
    errors = problem.get("errors")
    if not errors:
        return h.section(f"#{css_id}")[h.h2[title], h.p[h.strong["Unknown"], f": {problem['detail']}."]]
    return h.section(f"#{css_id}")[
        h.h2[title],
        h.p[h.strong["Unknown"], ", which is neither likely nor unlikely. To answer this, the API needs:"],
        h.ul[(h.li[_render_need(error["pointer"], error["detail"])] for error in errors)],
    ]


def _render_need(pointer: str, detail: str) -> h.Node:
    name = find_field(pointer)
    if name is None:
        return detail
    return [h.a(href=f"#{name}")[FIELDS[name].label], f": {detail}"]
