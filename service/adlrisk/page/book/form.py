"""The form of a book as HTML: the book as text or file, the fields, and the sample."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import htpy as h

from adlrisk.page.book.fields import BOOK, FILE, GROUPS
from adlrisk.page.book.reading.parsed import FIELDS as COLUMNS
from adlrisk.page.book.reading.parsed import MAX_ROWS, REQUIRED
from adlrisk.page.book.sample import SAMPLE_BOOK, SAMPLE_NAME
from adlrisk.page.book.submitted import SAMPLE, SubmittedBook
from adlrisk.page.form.checking import Message
from adlrisk.page.form.fields import KEY, Field, Group
from adlrisk.page.form.render import OUTCOME_ID, render_field, render_key, show_text
from adlrisk.venues.catalogue import Catalogue

BOOK_ADDRESS: Final = "/page/book"

_LONGEST_ECHO: Final = 256 << 10  # bytes of a book that are sent back in the form
_CELLS: Final = (
    "Names in the first line, in any order; cells apart by comma, semicolon or tab. Numbers as 1800.5, without commas "
    "or spaces in them."
)
_POSTED: Final = {"method": "post", "enctype": "multipart/form-data", "autocomplete": "off"}


def render_book_form(
    submitted: SubmittedBook, messages: Sequence[Message], *, venues: Catalogue, needs_key: bool
) -> h.Element:
    """The form, filled in; the file is the one thing that a browser does not let it be filled in with."""
    wrong = {message.field: message.detail for message in messages}
    return h.form(action=f"{BOOK_ADDRESS}#{OUTCOME_ID}", novalidate=True, data_busy=True, **_POSTED)[
        render_key(wrong.get(KEY)) if needs_key else None,
        _render_book(submitted.book, wrong.get(BOOK)),
        (_render_group(group, submitted.values, wrong, venues=venues) for group in GROUPS),
        h.p(".busy", hidden=True, role="status")["Working on the book; to stop it, leave the page or press Escape."],
        h.p(".send")[h.button(type="submit")["Show the queue"], " ", h.a(href=BOOK_ADDRESS)["Clear"]],
    ]


def render_sample(*, needs_key: bool) -> h.Element:
    """The sample: to try with one click, to download, and to copy."""
    return h.div(".examples")[
        # With a key, the sample has to be sent with it, from the form: see the text to copy.
        None if needs_key else _render_sample_button(),
        h.details[
            h.summary["A sample book to copy or download"],
            h.p(".note")[
                "Small, and made up. ", h.a(href=f"{BOOK_ADDRESS}/sample.csv", download=SAMPLE_NAME)[SAMPLE_NAME]
            ],
            h.pre(tabindex="0")[SAMPLE_BOOK],
        ],
    ]


def _render_sample_button() -> h.Element:
    return h.form(action=f"{BOOK_ADDRESS}#{OUTCOME_ID}", data_busy=True, **_POSTED)[
        h.button(".second", type="submit", name=SAMPLE, value="1")["Try a sample book"],
        h.span(".note")[" Small, and made up: ten positions in ETH."],
        h.p(".busy", hidden=True, role="status")["Working on the book."],
    ]


def _render_book(book: bytes, error: str | None) -> h.Element:
    is_echoed = len(book) <= _LONGEST_ECHO
    described = " ".join([*([f"{BOOK}-error"] if error else []), f"{BOOK}-hint"])
    return h.fieldset[
        h.legend["The book"],
        h.div(class_=["field", {"wrong": error is not None}])[
            h.label(for_=BOOK)["Positions, as CSV or JSON"],
            h.p(".error", id=f"{BOOK}-error")[h.span(".hidden")["Error: "], show_text(error)] if error else None,
            h.textarea(
                id=BOOK,
                name=BOOK,
                rows=8,
                spellcheck="false",
                aria_describedby=described,
                aria_invalid="true" if error else None,
            )["\n", show_text(book.decode(errors="replace")) if is_echoed else ""],  # HTML drops the first line end
            h.p(".hint", id=f"{BOOK}-hint")[
                f"Up to {MAX_ROWS:,} positions of one contract: {', '.join(REQUIRED)}, and margin, leverage or equity."
            ],
            None if is_echoed else h.p(".hint")["The book is too long to stand here again: choose the file once more."],
        ],
        h.div(".field")[
            h.label(for_=FILE)["Or a file"],
            h.input(id=FILE, type="file", name=FILE, accept=".csv,.tsv,.txt,.json,text/csv,application/json"),
            h.p(".hint")["A file goes before the text."],
        ],
        h.details[
            h.summary["Which columns there are"],
            h.p(".note")[f"{', '.join(COLUMNS)}."],
            h.p(".note")[
                _CELLS,
                " JSON as ",
                h.code["positions"],
                " or ",
                h.code["columns"],
                " of ",
                h.a(href="/docs#rankQueue")["POST /queue/rank"],
                ".",
            ],
        ],
    ]


def _render_group(group: Group, values: Mapping[str, str], wrong: Mapping[str, str], *, venues: Catalogue) -> h.Element:
    fields = h.div(".fields")[
        (
            render_field(
                field,
                values.get(field.name, ""),
                error=wrong.get(field.name),
                hint=field.hint,
                choices=list(_choices_of(field, values, venues)),
                is_required=field.name == "mark_price",
            )
            for field in group.fields
        )
    ]
    note = h.p(".note")[group.note] if group.note else None
    if not group.is_folded:
        return h.fieldset[h.legend[group.title], note, fields]
    is_used = any(field.name in values or field.name in wrong for field in group.fields)
    return h.details(".group", open=is_used)[
        h.summary[group.title], h.fieldset[h.legend(".hidden")[group.title], note, fields]
    ]


def _choices_of(field: Field, values: Mapping[str, str], venues: Catalogue) -> Iterator[tuple[str, str]]:
    if field.name != "venue":
        yield from field.choices
        return
    yield ("generic" if values.get("venue") == "generic" else "", "another venue (generic)")
    yield from sorted(
        ((id_, venue.rules.name) for id_, venue in venues.items() if id_ != "generic"), key=lambda each: each[1]
    )
