"""Field types shared by several requests, and their helpers."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.moment import DATE_TIME, reject_invalid_date
from adlrisk.domain.rules.formulas import FormulaName
from adlrisk.venues.market_records import SYMBOL

VenueId = Annotated[
    str,
    Meta(
        description="A venue in the catalogue; use `generic` for one that is not listed.",
        extra_json_schema={"$ref": "#/components/schemas/VenueId"},
    ),
]
SymbolId = Annotated[
    str,
    Meta(
        description="The venue's own id of the contract. Its market record fills in what the request leaves out.",
        pattern=rf"^{SYMBOL}\Z",  # Python's `$` would also match before a newline
    ),
]
Moment = Annotated[
    str,
    Meta(
        description="The time to evaluate at, ISO 8601 with seconds and UTC offset as in RFC 3339 "
        "(2026-11-18T12:00:00Z), years 2000–2100. Default: now, by the service's clock.",
        pattern=DATE_TIME,
        extra_json_schema={"format": "date-time"},
    ),
]

FormulaGiven = Annotated[
    FormulaName | None,
    Meta(
        description="Queue formula to rank by in place of the venue's, where that is unknown, disputed or changed; "
        "also at a venue without a queue. docs/formulas.md explains each. Default: the venue's own."
    ),
]


def settle_as_of(request: msgspec.Struct, as_of: object) -> None:
    """Reject a day of ``request`` that is not in the calendar; replace an aware datetime by its text.

    Raises:
        ValueError: it is none of these; the message names the field.
    """
    if isinstance(as_of, datetime):  # the request was built in Python
        msgspec.structs.force_setattr(request, "as_of", to_text("as_of", as_of))
    else:
        reject_invalid_date("as_of", as_of)


def to_text(name: str, moment: object) -> Any:
    """Return an aware datetime, as Python callers may give one in field ``name``, as its text; anything else as it is.

    Raises:
        ValueError: the datetime has no timezone, or is at the end of the calendar; the message names the field.
    """
    if not isinstance(moment, datetime):
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"Wrong field `{name}`: a datetime without a timezone; give it one, as in datetime.now(UTC)")
    try:
        return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    except OverflowError as error:
        raise ValueError(f"Wrong field `{name}`: {error}") from error


def format_datetime(moment: datetime) -> str:
    """Format a moment in UTC as RFC 3339.

    >>> format_datetime(datetime(2026, 11, 18, 12, tzinfo=UTC))
    '2026-11-18T12:00:00Z'
    """
    text: str = msgspec.to_builtins(moment.astimezone(UTC))  # the same as `isoformat`, in a tenth of the time
    return text


LotSize = Annotated[
    Positive,
    Meta(description="Contracts per lot; sizes must be multiples of it."),
]
Layout = Literal["rows", "columns"]
LayoutGiven = Annotated[
    Layout,
    Meta(description="Layout of the answer's positions: one object each (`rows`), or one array per field (`columns`)."),
]

# Added to the fields of which a request needs exactly one; the document has a component for each. With a text in place
# of True, the fields with the same one belong together; at its end, this mark says that the field may be left out.
ALTERNATIVE_KEY: Final = "x-alternative"
MAY_BE_LEFT_OUT: Final = "?"
ALTERNATIVE: Final[dict[str, Any]] = {ALTERNATIVE_KEY: True}
ALTERNATIVE_OR_NONE: Final[dict[str, Any]] = {ALTERNATIVE_KEY: False}  # the one that may be left out too
