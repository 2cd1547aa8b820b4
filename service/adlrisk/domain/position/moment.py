"""Moments in requests and records: RFC 3339 text, whose day is checked besides its form."""

from datetime import datetime
from typing import Final

# RFC 3339, years 2000 to 2100; whether the day exists is checked afterwards.
DATE_TIME: Final = (
    r"^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
    r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\Z"  # Python's `$` would also match before a newline
)

_NO_SUCH_DAY: Final = "the calendar has no such day"
FORM: Final = "text such as 2026-11-18T12:00:00Z, with seconds and offset, of the years 2000 to 2100"


def reject_invalid_date(name: str, moment: object) -> None:
    """Reject text with a day that is not in the calendar; whether it may be anything else is for the schema to say.

    Raises:
        ValueError: it is not; the message names the field.
    """
    if not isinstance(moment, str):
        return
    try:
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise ValueError(f"Wrong field `{name}`: {_NO_SUCH_DAY}; must be {FORM}") from error
