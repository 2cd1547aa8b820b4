"""The fields of the form of a book, and the field that each part of the API's requests comes from."""

from collections.abc import Sequence
from typing import Final

from adlrisk.domain.rules.card_words import FORMULA_TITLES
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.page.book.reading.parsed import FIELDS as COLUMNS
from adlrisk.page.form.fields import KEY, Field, Group

BOOK: Final = "book"  # the text
FILE: Final = "file"  # the same as a file
OWN_ID: Final = "own_id"
OWN: Final = "own_"  # begins the fields of a position of one's own that is not in the book
YOU: Final = "you"  # the id that it gets

_SIDES: Final = (("", "choose"), ("long", "Long"), ("short", "Short"))
_FORMULAS: Final = (("", "the venue's"), *((name, FORMULA_TITLES.get(name, name)) for name in FORMULAS))

GROUPS: Final = (
    Group(
        title="Contract",
        fields=(
            Field(name="venue", label="Venue", kind="choice"),
            Field(name="mark_price", label="Mark price", hint="The venue's, now."),
            Field(
                name="symbol",
                label="Symbol",
                kind="text",
                hint="Its market record, if one is kept, fills in insurance fund, order book and volatility.",
            ),
            Field(
                name="maintenance_margin_rate",
                label="Maintenance margin rate",
                hint="Of positions that have none of their own: 0.01 is 1 %. Some venues rank by it.",
            ),
        ),
    ),
    Group(
        title="Your position",
        fields=(Field(name=OWN_ID, label="Its id in the book", kind="text", hint="Empty: the whole queue is shown."),),
    ),
    Group(
        title="My position is not in the book",
        note="It is added to it as “you”. One of margin, leverage and equity is enough.",
        is_folded=True,
        fields=(
            Field(name="own_side", label="Your side", kind="choice", choices=_SIDES),
            Field(name="own_size", label="Your size", hint="Contracts, without a sign."),
            Field(name="own_entry_price", label="Your entry price"),
            Field(name="own_margin", label="Your margin"),
            Field(name="own_leverage", label="Your leverage"),
            Field(name="own_equity", label="Your account's equity"),
            Field(name="own_maintenance_margin_rate", label="Your maintenance margin rate", hint="0.01 is 1 %."),
        ),
    ),
    Group(
        title="A bankrupt position to share out",
        note="Which the insurance fund does not cover: six ways to share it out, side by side.",
        is_folded=True,
        fields=(
            Field(
                name="bankrupt_side",
                label="Bankrupt side",
                kind="choice",
                choices=_SIDES,
                hint="Empty: the other than yours.",
            ),
            Field(name="bankrupt_size", label="Bankrupt size", hint="Contracts."),
            Field(name="bankruptcy_price", label="Its bankruptcy price"),
            Field(
                name="fill_price",
                label="Price of an ADL fill",
                kind="text",
                hint="bankruptcy, mark or a number. Empty: the venue's rule.",
            ),
        ),
    ),
    Group(
        title="Insurance fund and order book",
        note="What stands between a move of the price and an ADL: which move would reach you.",
        is_folded=True,
        fields=(
            Field(name="fund_balance", label="Insurance fund", hint="Its balance, settlement currency."),
            Field(name="size_for_one_percent", label="Order book within 1 %", hint="Contracts, on the thinner side."),
            Field(name="volatility", label="Volatility", hint="A year, a fraction: 0.8 is 80 %."),
            Field(name="horizon_hours", label="Hours to look ahead", hint="Empty: 8."),
        ),
    ),
    Group(
        title="More about the contract",
        is_folded=True,
        fields=(
            Field(
                name="contract",
                label="Contract settles in",
                kind="choice",
                choices=(("", "quote currency (linear)"), ("inverse", "base currency (inverse)")),
            ),
            Field(name="contract_size", label="Contract size", hint="Base coin per contract; inverse: quote."),
            Field(name="lot_size", label="Lot size", hint="Smallest step of a size, contracts."),
            Field(
                name="formula",
                label="Ranked by",
                kind="choice",
                choices=_FORMULAS,
                hint="Where the venue's formula is unknown, or you know better.",
            ),
        ),
    ),
)
FIELDS: Final = {field.name: field for group in GROUPS for field in group.fields}
# In the order of the page.
LABELS: Final = {KEY: "API key", BOOK: "Book"} | {name: field.label for name, field in FIELDS.items()}

_OF_BANKRUPT: Final = {"side": "bankrupt_side", "size": "bankrupt_size", "bankruptcy_price": "bankruptcy_price"}
_OF_PART: Final = {"fund": "fund_balance", "depth": "size_for_one_percent", "ids": OWN_ID}


def find_own_field(name: str) -> str:
    """The field of a field of one's own position; that of its side for one that the form has not."""
    return f"{OWN}{name}" if name in COLUMNS and f"{OWN}{name}" in FIELDS and name != "id" else "own_side"


def find_field(steps: Sequence[str]) -> str | None:
    """The field that a JSON Pointer, in its steps, into one of the requests means; ``None`` if there is none."""
    match steps:
        case ["bankrupt", name] if name in _OF_BANKRUPT:
            return _OF_BANKRUPT[name]
        case ["bankrupt"]:
            return "bankrupt_size"
        case ["moves", name] if name in FIELDS:
            return name
        case [part, *_] if part in _OF_PART:
            return _OF_PART[part]
        case [name] if name in FIELDS:
            return name
        case _:
            return None
