"""The changelog: sections by version, and the release that is cut from what is unreleased."""

from datetime import date

import pytest

from release import ReleaseError
from release.changelog import UNRELEASED, cut_release, find_notes, find_section
from release.version import read_version
from support.running import ROOT

DAY = date(2027, 1, 31)
TEXT = """# Changelog

Words.

## Unreleased

- New.

### Part

- More.

## 0.10.0 - 2026-12-01

- Old.

## 0.9.0 - 2026-11-30
"""


def test_a_section_is_all_words_below_its_heading() -> None:
    """A section ends before the next version, and has its own parts."""
    assert find_section(TEXT, UNRELEASED) == "- New.\n\n### Part\n\n- More.\n"
    assert find_section(TEXT, "0.10.0") == "- Old.\n"


@pytest.mark.parametrize(
    ("text", "version", "why"),
    [
        (TEXT, "0.2.0", r"no section '0.2.0'; it has Unreleased, 0.10.0, 0.9.0"),
        (TEXT, "0.1", "no section"),
        (TEXT, "0.9.0", "says nothing of 0.9.0"),
        (f"{TEXT}\n- x\n\n## 0.9.0 - 2026-11-30\n", "0.9.0", "two sections"),
        ("## 0.1.0\n\n- x\n", "0.1.0", "has no day"),
        ("## 0.1.0 - soon\n\n- x\n", "0.1.0", "has no day"),
    ],
)
def test_what_cannot_be_the_notes_of_a_release_is_refused(text: str, version: str, why: str) -> None:
    """No section, two, an empty one or one without its day."""
    with pytest.raises(ReleaseError, match=why):
        find_section(text, version)


def test_a_release_is_what_was_unreleased() -> None:
    """The section has the version and the day, and nothing else changes."""
    after = cut_release(TEXT, "0.11.0", DAY)
    assert after == TEXT.replace("Unreleased", "0.11.0 - 2027-01-31")
    assert find_section(after, "0.11.0") == find_section(TEXT, UNRELEASED)


@pytest.mark.parametrize("version", ["0.10.0", "0.9.9", "0.2.0"])
def test_a_release_is_newer_than_the_last(version: str) -> None:
    """An old number is refused, also where it would be newer as text."""
    with pytest.raises(ReleaseError, match=r"not newer than 0\.10\.0"):
        cut_release(TEXT, version, DAY)


def test_there_is_something_to_release() -> None:
    """Without what is unreleased, or with it below a release, nothing is cut."""
    with pytest.raises(ReleaseError, match="no section 'Unreleased'"):
        cut_release(TEXT.replace("## Unreleased\n", ""), "1.0.0", DAY)
    with pytest.raises(ReleaseError, match="says nothing of Unreleased"):
        cut_release("## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- x\n", "1.0.0", DAY)
    with pytest.raises(ReleaseError, match=r"begins with 0\.1\.0"):
        cut_release("## 0.1.0 - 2026-01-01\n\n- x\n\n## Unreleased\n\n- y\n", "1.0.0", DAY)


def test_notes_are_of_the_version_once_it_is_cut() -> None:
    """A dry run before the cut shows what is unreleased, never the last release."""
    assert find_notes(TEXT, "0.10.0") == ("0.10.0", "- Old.\n")
    assert find_notes(TEXT, "0.11.0") == (UNRELEASED, find_section(TEXT, UNRELEASED))
    with pytest.raises(ReleaseError, match=r"says nothing of 0\.9\.0"):
        find_notes(TEXT, "0.9.0")


def test_a_release_can_be_cut_of_this_changelog() -> None:
    """What is unreleased here becomes the notes of a release, whole; in the commit of a release it has."""
    text = (ROOT / "CHANGELOG.md").read_text()
    name, notes = find_notes(text, read_version())
    assert notes.count("\n- ") > 0
    if name == UNRELEASED:
        assert find_section(cut_release(text, "99.0.0", DAY), "99.0.0") == notes
