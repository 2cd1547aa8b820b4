"""What every page has around its content: head, header, navigation and footer."""

from typing import Final, Literal

import htpy as h

from adlrisk.page.assets import ASSETS

Here = Literal["position", "book", "venues", ""]

_LINKS: Final = (
    ("position", "/page", "A position"),
    ("book", "/page/book", "A book"),
    ("venues", "/page/venues", "Venues"),
    ("", "/docs", "API"),
)


def render_document(*, title: str, here: Here, content: h.Node) -> bytes:
    """A whole page; ``here`` is its place in the navigation."""
    document = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.title[f"{title} · adlrisk"],
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="light dark"),
            h.link(rel="icon", href=ASSETS["icon.svg"].address),
            h.link(rel="stylesheet", href=ASSETS["page.css"].address),
            h.script(src=ASSETS["page.js"].address, defer=True),
        ],
        h.body[
            h.a(".skip", href="#main")["Skip to the content"],
            h.header[
                h.p(".brand")["adlrisk"],
                h.nav(aria_label="Pages")[
                    (
                        h.a(href=address, aria_current="page" if name and name == here else None)[label]
                        for name, address, label in _LINKS
                    )
                ],
            ],
            h.main("#main", tabindex="-1")[content],
            h.footer[
                h.p[
                    "Risk information, not investment advice. Times are UTC. Nothing you enter is stored, and it goes "
                    "to this service only."
                ]
            ],
        ],
    ]
    return str(document).encode()
