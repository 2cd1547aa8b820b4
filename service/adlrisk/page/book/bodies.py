"""Bodies of the API's requests from the form of a book and the positions in it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from adlrisk.domain.deleverage.policies import POLICIES, Policy
from adlrisk.page.book.fields import FIELDS, OWN, OWN_ID, YOU
from adlrisk.page.book.reading.cell_numbers import read_number
from adlrisk.page.book.reading.parsed import ParsedBook

POINTS: Final = 21  # moves of an exposure: as many as its curves need

RATE: Final = "maintenance_margin_rate"

_MAINTENANCE: Final = (RATE, "maintenance_margin")
_OTHER_SIDE: Final = {"long": "short", "short": "long"}

Values = Mapping[str, str]
Body = dict[str, Any]


class FullBook(Struct, frozen=True, kw_only=True):
    """The positions of the book, and which of them is one's own: ``own_index``, which may be added at the end."""

    positions: Sequence[Any]
    parsed: ParsedBook
    own_index: int | None = None

    @property
    def own(self) -> Mapping[str, Any]:
        """One's own position; empty if there is none."""
        position = None if self.own_index is None else self.positions[self.own_index]
        return position if isinstance(position, dict) else {}

    @property
    def own_id(self) -> str | None:
        """The id of one's own position."""
        return self.own.get("id")

    @property
    def own_side(self) -> str:
        """The side of one's own position; empty where there is none, or something else in its place."""
        side = self.own.get("side")
        return side if isinstance(side, str) and side in _OTHER_SIDE else ""

    @property
    def is_own_added(self) -> bool:
        """Whether one's own position stands in the form, not in the book."""
        return self.own_index == len(self.parsed.positions)


def has_own_position(values: Values) -> bool:
    """Whether a position of one's own was given apart from the book."""
    return any(name.startswith(OWN) and name != OWN_ID for name in values)


def complete_book(parsed: ParsedBook, values: Values) -> FullBook:
    """The book with one's own position: the one of the id given, or else the one given apart.

    Positions that have no maintenance margin of their own get the rate of the form.
    """
    book = _add_own(parsed, values)
    if RATE not in values:
        return book
    rate = _read(RATE, values)
    return msgspec.structs.replace(
        book, positions=[each if _has_maintenance(each) else {**each, RATE: rate} for each in book.positions]
    )


def build_rank(values: Values, book: FullBook) -> Body:
    """The body of ``POST /queue/rank``: the side of one's own position, or both."""
    side = {"side": book.own_side} if book.own_side else {}
    return {
        **_start(values, "contract", "contract_size", "formula"),
        **side,
        "positions": book.positions,
        "layout": "columns",
    }


def has_bankrupt(values: Values) -> bool:
    """Whether a bankrupt position was given."""
    return "bankrupt_size" in values or "bankruptcy_price" in values


def build_allocate(values: Values, book: FullBook, *, policies: Sequence[Policy] = POLICIES) -> Body:
    """The body of ``POST /adl/allocate`` under these policies."""
    other = _OTHER_SIDE.get(book.own_side)
    bankrupt = {
        "side": values.get("bankrupt_side", other),
        "size": _read("bankrupt_size", values),
        "bankruptcy_price": _read("bankruptcy_price", values),
    }
    return {
        **_start(values, "contract", "contract_size", "lot_size", "fill_price", "formula"),
        "bankrupt": {name: value for name, value in bankrupt.items() if value is not None},
        "policies": policies,
        "positions": book.positions,
        "layout": "columns",
    }


def has_chain(values: Values) -> bool:
    """Whether anything is known of what stands between a move and an ADL."""
    return any(name in values for name in ("symbol", "fund_balance", "size_for_one_percent"))


def build_exposure(values: Values, book: FullBook) -> Body:
    """The body of ``POST /adl/exposure`` for one's own position."""
    body = _start(values, "symbol", "contract", "contract_size", "lot_size", "fill_price", "formula", RATE)
    moves = {name: _read(name, values) for name in ("volatility", "horizon_hours") if name in values}
    body |= {"positions": book.positions, "ids": [book.own_id], "moves": {**moves, "points": POINTS}}
    if "fund_balance" in values:
        body["fund"] = {"balance": _read("fund_balance", values)}
    if "size_for_one_percent" in values:
        body["depth"] = {"size_for_one_percent": _read("size_for_one_percent", values)}
    return body


def read_fund_balance(values: Values) -> float | None:
    """The fund's balance where it is given as a number."""
    balance = _read("fund_balance", values)
    return balance if isinstance(balance, float) else None


def _has_maintenance(position: Any) -> bool:
    return not isinstance(position, dict) or any(position.get(name) is not None for name in _MAINTENANCE)


def _add_own(parsed: ParsedBook, values: Values) -> FullBook:
    if has_own_position(values):
        own = {
            name.removeprefix(OWN): _read(name, values) for name in values if name.startswith(OWN) and name != OWN_ID
        }
        own = {"id": YOU, **own}
        return FullBook(positions=[*parsed.positions, own], parsed=parsed, own_index=len(parsed.positions))
    own_index = parsed.find(values[OWN_ID]) if OWN_ID in values else None
    return FullBook(positions=parsed.positions, parsed=parsed, own_index=own_index)


def _start(values: Values, *names: str) -> Body:
    """What all requests begin with, and these fields where they are filled in."""
    body = {name: _read(name, values) for name in ("mark_price", *names) if name in values}
    return {"venue": values.get("venue", "generic"), **body}


def _read(name: str, values: Values) -> float | str | None:
    """The value of a field: a number where it is one, and otherwise text, for the API to say what is wrong with it."""
    if name not in values:
        return None
    is_number = FIELDS[name].kind == "number" or name == "fill_price"
    return read_number(values[name]) if is_number else values[name]
