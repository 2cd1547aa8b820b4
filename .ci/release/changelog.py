"""The changelog: the section of a version, and the release cut from what is unreleased."""

import re
from datetime import date
from typing import Final

from release import ReleaseError
from release.version import parse_version

UNRELEASED: Final = "Unreleased"
_HEADING: Final = re.compile(r"^## (?P<name>\S+)(?: - (?P<day>\S+))?\n", re.MULTILINE)


def find_section(text: str, version: str) -> str:
    """What the changelog says of a version, or of what is unreleased, without its heading.

    Raises:
        ReleaseError: it has no such section, two of them, one without words, or a version without its day.
    """
    headings = list(_HEADING.finditer(text))
    found = [number for number, heading in enumerate(headings) if heading["name"] == version]
    if len(found) != 1:
        how = "two sections" if found else "no section"
        raise ReleaseError(f"CHANGELOG.md has {how} {version!r}; it has {', '.join(h['name'] for h in headings)}")
    heading = headings[found[0]]
    if version != UNRELEASED:
        _check_day(heading)
    after = headings[found[0] + 1 : found[0] + 2]
    section = text[heading.end() : after[0].start() if after else len(text)].strip()
    if not section:
        raise ReleaseError(f"CHANGELOG.md says nothing of {version}")
    return f"{section}\n"


def find_notes(text: str, version: str) -> tuple[str, str]:
    """The section of a version, or of what is unreleased as long as the version is not cut: its name, and what it says.

    Raises:
        ReleaseError: see `find_section`.
    """
    names = [heading["name"] for heading in _HEADING.finditer(text)]
    name = version if version in names else UNRELEASED
    return name, find_section(text, name)


def cut_release(text: str, version: str, day: date) -> str:
    """The changelog in which what was unreleased is the section of a version.

    Raises:
        ReleaseError: nothing is unreleased, or the version is none, or not newer than the newest section.
    """
    numbers = parse_version(version)
    find_section(text, UNRELEASED)
    first, *older = [heading["name"] for heading in _HEADING.finditer(text)]
    if first != UNRELEASED:
        raise ReleaseError(f"CHANGELOG.md begins with {first}: what is unreleased comes first")
    if older and numbers <= parse_version(older[0]):
        raise ReleaseError(f"{version} is not newer than {older[0]}, which CHANGELOG.md has already")
    return text.replace(f"## {UNRELEASED}\n", f"## {version} - {day.isoformat()}\n", 1)


def _check_day(heading: re.Match[str]) -> None:
    try:
        date.fromisoformat(heading["day"] or "")
    except ValueError as error:
        raise ReleaseError(f"CHANGELOG.md: the heading of {heading['name']} has no day, as in 2026-11-28") from error
