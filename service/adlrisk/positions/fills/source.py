"""Source of fills: what an exchange is asked for, and how its own fields become a fill's facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.positions.readers.parsing import number, side_of, size_of
from adlrisk.positions.readers.reader import Raw, Row

ForcedKind = Literal["adl", "liquidation"]

_REDUCED_BY: Final[Mapping[Side, Side]] = {"long": "short", "short": "long"}  # buying reduces a short


class VenueFill(Struct, frozen=True, kw_only=True):
    """A fill, or an order with all of its fills, as its venue publishes it; ``None`` is what the venue does not say."""

    raw: Raw  # the venue's own object, which the rules of its card look at
    id: str  # of the fill; of the order, where the venue lists those: the same in each reading
    at: float  # by the venue's clock, milliseconds since 1970
    symbol: str  # the venue's own id of the contract
    reduced: Side | None  # of the position, if the fill is forced: that only ever closes
    size: float | None  # in contracts
    price: float | None
    listed_as: ForcedKind | None = None  # where the list that it comes from is the mark


class FillsAsk(NamedTuple):
    """What fills are asked for."""

    since: int  # by the venue's clock, milliseconds since 1970
    rows: Sequence[Row]  # of the open positions, or of those that were open last


class FillPage(NamedTuple):
    """Fills, and whether these are all since the time that was asked for."""

    fills: list[VenueFill]
    is_whole: bool = True
    not_told: str | None = None  # a sentence: what an account of this kind cannot show


class FillList(Struct, frozen=True, kw_only=True):
    """One list of a venue."""

    what: str  # in a problem: "forced orders"
    fetch: Callable[[Any, FillsAsk], FillPage]
    covers: Callable[[Raw], bool] | None = None  # whether a contract, in ccxt's form, is in the list; None: each is


def settles_in(*currencies: str) -> Callable[[Raw], bool]:
    """Whether a contract settles in one of ``currencies``."""
    return lambda market: market.get("settle") in currencies


def is_inverse(market: Raw) -> bool:
    """Whether a contract settles in its base currency."""
    return bool(market.get("inverse"))


def is_not_inverse(market: Raw) -> bool:
    """Whether a contract may settle in its quote currency."""
    return not market.get("inverse")


def first_text(raw: Raw, *fields: str) -> str:
    """The first of ``fields`` that is not empty, as text."""
    return next((str(raw[field]) for field in fields if raw.get(field) not in (None, "")), "")


def reduced_by(word: object) -> Side | None:
    """The side that a closing order reduces, by the venue's ``word`` for buying or selling.

    >>> reduced_by("BUY"), reduced_by("Sell"), reduced_by(None)
    ('short', 'long', None)
    """
    traded = side_of(word)
    return None if traded is None else _REDUCED_BY[traded]


def closed_side(word: object, *, traded: object) -> Side | None:
    """The side of the position that is closed: by its own ``word`` in hedge mode, else by what was traded."""
    return side_of(word) or reduced_by(traded)


def read_orders(rows: object, read: Callable[[Raw], VenueFill | None]) -> list[VenueFill]:
    """The fills of a venue's list, or its orders that have any.

    Raises:
        TypeError: it is no list, or has rows that are none.
        ValueError: one has no id, so that it could not be told from another.
    """
    if not isinstance(rows, list):
        raise TypeError("the venue's answer has no list of fills")
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError("a row of the venue's list is none")
    found = [fill for row in rows if (fill := read(row)) is not None]
    if any(not fill.id for fill in found):
        raise ValueError("a fill has no id")
    return [fill for fill in found if fill.size != 0.0]


def time_of(raw: Raw, *fields: str) -> float:
    """The first of ``fields`` that is a time in milliseconds.

    Raises:
        ValueError: none is; without it a fill cannot be told from one that is known.
    """
    found = number(raw, *fields)
    if found is None:
        raise ValueError("a fill has no time")
    return found


def written_time_of(exchange: Any, raw: Raw, field: str) -> float:
    """The time in milliseconds that ``field`` has in the form of ISO 8601.

    Raises:
        ValueError: it has none.
    """
    found = exchange.parse8601(raw.get(field))
    if found is None:
        raise ValueError("a fill has no time")
    return float(found)


def amount(raw: Raw, *fields: str) -> float | None:
    """The first of ``fields`` that is a number, without its sign."""
    return size_of(number(raw, *fields))


def fetch_pages(ask: Callable[[Any], tuple[Iterable[VenueFill], Any]], *, most: int = 5) -> FillPage:
    """The fills of up to ``most`` pages; ``ask`` takes the cursor of a page, and returns its fills and the next one."""
    fills: list[VenueFill] = []
    cursor: Any = None
    for _ in range(most):
        page, cursor = ask(cursor)
        fills += page
        if not cursor:
            return FillPage(fills)
    return FillPage(fills, is_whole=False)


def fetch_back(
    ask: FillsAsk, ask_rows: Callable[[Any], list[Any]], read: Callable[[Raw], VenueFill], *, time: str, page: int
) -> FillPage:
    """The fills of a list that has the latest ``page`` of them, or those before a time, back to where ``ask`` begins.

    ``ask_rows`` takes that time as the field ``time`` of a row has it, ``None`` for the latest.
    """

    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        rows = ask_rows(cursor)
        found = read_orders(rows, read)
        oldest = min(found, key=lambda fill: fill.at, default=None)
        newer = [fill for fill in found if fill.at >= ask.since]
        is_last = len(rows) < page or oldest is None or oldest.at < ask.since
        return newer, None if is_last or oldest is None else oldest.raw.get(time)

    return fetch_pages(ask_page)
