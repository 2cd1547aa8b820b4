"""Fields that several requests share."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from adlrisk.domain.position.bounds import Positive
from adlrisk.venues.market_records import SYMBOL

# RFC 3339 as clients write it, years 2000 to 2100; the calendar is checked after that.
_DATE_TIME: Final = (
    r"(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
    r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)

VenueId = Annotated[
    str,
    Meta(
        description="A venue of the catalogue; `generic` for one that is not in it.",
        extra_json_schema={"$ref": "#/components/schemas/VenueId"},
    ),
]
SymbolId = Annotated[
    str,
    Meta(
        description="The venue's own id of the contract. It names the market record that fills in what is left out.",
        pattern=rf"^{SYMBOL}\Z",  # Python's `$` would let a newline follow
    ),
]
Moment = Annotated[
    str,
    Meta(
        description="The moment to judge, ISO-8601 with seconds and offset as RFC 3339 has it (2026-11-18T12:00:00Z), "
        "years 2000–2100. Default: the service's clock.",
        pattern=rf"^{_DATE_TIME}\Z",
        extra_json_schema={"format": "date-time"},
    ),
]


def refuse_no_day(name: str, moment: str | None) -> None:
    """Refuse a day that the calendar does not have.

    Raises:
        ValueError: naming the field.
    """
    if moment is None:
        return
    try:
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise ValueError(f"Wrong field `{name}`: {error}") from error


def written(moment: datetime) -> str:
    """A moment as RFC 3339 has it, UTC.

    >>> written(datetime(2026, 11, 18, 12, tzinfo=UTC))
    '2026-11-18T12:00:00Z'
    """
    text: str = msgspec.to_builtins(moment.astimezone(UTC))  # `isoformat` says the same, in ten times the time
    return text


LotSize = Annotated[
    Positive,
    Meta(description="Contracts in a lot, the smallest step of a size; sizes must be whole numbers of it."),
]
LayoutGiven = Annotated[
    Literal["rows", "columns"], Meta(description="How the answer lists positions: objects, or an array for each field.")
]

# What the schema says of a position beyond its fields: one of the two has to be there.
MARGIN_OR_LEVERAGE: Final[dict[str, Any]] = {
    "anyOf": [
        {"required": ["margin"], "properties": {"margin": {"type": "number"}}},
        {"required": ["leverage"], "properties": {"leverage": {"type": "number"}}},
    ]
}
