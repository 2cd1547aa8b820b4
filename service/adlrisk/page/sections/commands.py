"""Section "The same from the API": the requests behind what is shown as commands, and a link to the answers."""

from collections.abc import Sequence

import htpy as h

from adlrisk.api.endpoints.adl.partial import PARTIAL
from adlrisk.page.calls import Exchange, write_curl


def render_commands(
    exchanges: Sequence[Exchange], *, origin: str, with_key: bool, json_address: str | None
) -> h.Element:
    """A command for each exchange; ``json_address`` is where all answers are found as they are, if they have one."""
    is_partial = any(exchange.path == PARTIAL.path for exchange in exchanges)
    as_json = h.p[h.a(href=json_address)["All of these answers as JSON"]] if json_address else None
    return h.section("#api")[
        h.h2["The same from the API"],
        h.p[
            "Every number above is in one of these answers",
            [" (", h.code[PARTIAL.path], " is asked once for each share that is closed)"] if is_partial else None,
            ". ",
            h.a(href="/docs")["What their fields mean"],
            ".",
        ],
        as_json,
        (
            h.details[
                h.summary[f"As curl: {exchange.method} {exchange.path}"],
                h.pre(tabindex="0")[h.code[write_curl(exchange, origin=origin, with_key=with_key)]],
            ]
            for exchange in exchanges
        ),
    ]
