"""The cards as they were last released, in ``released.json``; run as a program, it writes the present ones there."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from adlrisk.venues.catalogue import load_catalogue
from venue_pages.card_facts import CardFacts, facts_of

FILE: Final = Path(__file__).with_name("released.json")
CHANGELOG: Final = Path(__file__).parents[2] / "CHANGELOG.md"

_HEADING: Final = re.compile(r"^## \[?(Unreleased|\d[\w.]*)", re.MULTILINE)


class Released(Struct, frozen=True, kw_only=True):
    """The facts of the released cards by id."""

    version: str | None  # None before the first release
    day: date
    venues: dict[str, CardFacts]


def read_released() -> Released:
    """The cards as they were last released."""
    return msgspec.json.decode(FILE.read_bytes(), type=Released)


def version_to_compare(changelog: str) -> str | None:
    r"""The release that changes are told against: the newest, or in the commit of a release the one before.

    >>> version_to_compare("## Unreleased\n## 0.2.0\n## 0.1.0"), version_to_compare("## 0.2.0\n## 0.1.0")
    ('0.2.0', '0.1.0')
    >>> version_to_compare("## Unreleased") is None
    True
    """
    _, *older = [*_HEADING.findall(changelog), None]
    return older[0] if older else None


def release_cards() -> None:
    """Write the facts of the present cards as those that were released."""
    released = Released(
        version=version_to_compare(CHANGELOG.read_text()),
        day=datetime.now(UTC).date(),
        venues={id_: facts_of(venue.rules) for id_, venue in load_catalogue().items()},
    )
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(released), indent=2) + b"\n")


if __name__ == "__main__":
    release_cards()
