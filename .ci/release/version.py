"""The version of the project: `pyproject.toml` has it, and all other places that state it are checked and written."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from release import ROOT, ReleaseError

# Three numbers are a version to Python's packages and to Helm alike; their pre-releases are written differently.
_VERSION: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


class Place(NamedTuple):
    """A file that states the version, and the lines that do; the group `version` is the version itself."""

    file: str
    lines: re.Pattern[str]


def _place(file: str, before: str, after: str = "") -> Place:
    return Place(file, re.compile(rf"(?P<before>{before})(?P<version>[^\s\"]+)(?P<after>{after})", re.MULTILINE))


# Pages whose commands name an image; a test looks for others.
_PAGES: Final = ("docs/deployment.md", "docs/parameters.md", "docs/watch.md")
SOURCE: Final = _place("pyproject.toml", r'^\[project\]\nname = "adlrisk"\nversion = "', '"$')
PLACES: Final = (
    SOURCE,
    _place("uv.lock", r'^name = "adlrisk"\nversion = "', '"$'),
    _place("Dockerfile", "^ARG VERSION=", "$"),
    _place("helm/adlrisk/Chart.yaml", "^version: ", "$"),
    _place("helm/adlrisk/Chart.yaml", "^appVersion: ", "$"),
    _place("openapi/openapi.json", r'^    "title": "[^"]*",\n    "version": "', '",?$'),
    *(_place(file, r"\bregistry\.example/adlrisk(?:-[a-z]+)*:") for file in _PAGES),
)


def read_version(root: Path = ROOT) -> str:
    """The version in `pyproject.toml`.

    Raises:
        ReleaseError: it is not there, or is no version of three numbers.
    """
    (version,) = find_versions(SOURCE, root) or ("",)
    parse_version(version)
    return version


def parse_version(version: str) -> tuple[int, ...]:
    """The numbers of a version.

    Raises:
        ReleaseError: it is not three numbers.
    """
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f"{version!r} is no version: three numbers are, such as 0.2.0")
    return tuple(int(number) for number in version.split("."))


def find_versions(place: Place, root: Path = ROOT) -> tuple[str, ...]:
    """The versions that a place states, in the order of its lines."""
    return tuple(found["version"] for found in place.lines.finditer((root / place.file).read_text()))


def find_disagreements(root: Path = ROOT) -> list[str]:
    """A line for each place that states no version, or another one than `pyproject.toml`."""
    version = read_version(root)
    wrong = []
    for place in PLACES:
        found = find_versions(place, root)
        if not found:
            wrong.append(f"{place.file} states no version by {place.lines.pattern}")
        wrong += [f"{place.file} states {other}, pyproject.toml {version}" for other in found if other != version]
    return wrong


def write_version(version: str, root: Path = ROOT) -> None:
    """Write the version to every place that states it.

    Raises:
        ReleaseError: it is not three numbers.
    """
    parse_version(version)
    for place in PLACES:
        path = root / place.file
        path.write_text(place.lines.sub(rf"\g<before>{version}\g<after>", path.read_text()))
