"""``python -m release COMMAND``, see ``_USAGE``, with this folder's parent on the path."""

import os
import sys
from datetime import UTC, datetime
from typing import Final

from release import ROOT, ReleaseError
from release.changelog import cut_release, find_section
from release.registry import check_absent, names_of
from release.version import find_disagreements, parse_version, read_version, write_version
from release.workflow_settings import check_settings

_USAGE: Final = "usage: python -m release check [TAG] | absent NAME... | notes VERSION | cut VERSION"
_CHANGELOG: Final = ROOT / "CHANGELOG.md"


def main(arguments: list[str]) -> int:
    """Run a command; returns 0, 1 if something is wrong, or 2 if there is no such command."""
    try:
        match arguments:
            case ["check"]:
                _check_places()
            case ["check", tag]:
                _check_tag(tag)
            case ["absent", *names] if names:
                check_absent(names)
            case ["notes", version]:
                print(find_section(_CHANGELOG.read_text(), version), end="")
            case ["cut", version]:
                _cut(version)
            case _:
                print(_USAGE, file=sys.stderr)
                return 2
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check_places() -> None:
    wrong = find_disagreements()
    if wrong:
        raise ReleaseError("\n".join(wrong))
    print(f"version={read_version()}")


def _check_tag(tag: str) -> None:
    """Check all that must be right before something is published; the output is for the workflow."""
    check_settings(os.environ)
    version = read_version()
    if tag != f"v{version}":
        raise ReleaseError(f"the tag {tag} is not v{version}, the version in pyproject.toml")
    find_section(_CHANGELOG.read_text(), version)
    check_absent(names_of(f"{os.environ['RELEASE_REGISTRY']}/{os.environ['RELEASE_NAMESPACE']}", version))
    _check_places()


def _cut(version: str) -> None:
    present = read_version()
    if parse_version(version) < parse_version(present):  # its own number is that of the first release
        raise ReleaseError(f"{version} is not newer than {present}, the version in pyproject.toml")
    changelog = cut_release(_CHANGELOG.read_text(), version, datetime.now(UTC).date())
    write_version(version)
    _CHANGELOG.write_text(changelog)
    print(
        f"{version} is in CHANGELOG.md, and stated everywhere. Look at the difference, then commit and tag v{version}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
