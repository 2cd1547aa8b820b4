"""The version: `pyproject.toml` has it, and nothing that states it states another one."""

import json
import re
import shutil
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from adlrisk.__main__ import main
from release import ReleaseError
from release.version import PLACES, find_disagreements, find_versions, parse_version, read_version, write_version
from support.running import ROOT

NEXT = "12.0.34"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that state the version, to be changed."""
    for file in {place.file for place in PLACES}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_all_places_state_the_version() -> None:
    """Lock, image, chart, OpenAPI document and the commands of the docs state what `pyproject.toml` does."""
    assert read_version() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert find_disagreements() == [], "make release-check prints this, too"


def test_programs_say_the_version() -> None:
    """The command line and the service have it from the installed package, which has it from `pyproject.toml`."""
    assert version("adlrisk") == read_version(), "the environment is older than pyproject.toml"
    assert CliRunner().invoke(main, ["--version"]).output.split()[-1] == read_version()
    document = json.loads(CliRunner().invoke(main, ["openapi"]).output)
    assert document["info"]["version"] == read_version()


def test_no_page_states_the_version_beside_the_places() -> None:
    """Wherever a page or the chart names an image or a file of the project with a version, a place knows that line."""
    named = re.compile(r"\badlrisk(?:-[a-z]+)*[:@=-]+v?\d+\.\d+\.\d+")
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md")]
    pages += [*ROOT.glob("docs/**/*.md"), *(path for path in ROOT.glob("helm/adlrisk/**/*") if path.is_file())]
    known = {ROOT / place.file for place in PLACES}
    stray = {}
    for path in pages:
        text = path.read_text()
        for place in PLACES:
            text = place.lines.sub("", text) if ROOT / place.file == path else text
        if found := named.findall(text):
            stray[path.relative_to(ROOT).as_posix()] = found
    # Its commands are examples of any version, and its dry run has a day.
    assert list(stray) == ["docs/releasing.md"]
    assert ROOT / "docs" / "watch.md" in known


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.file} {place.lines.pattern[10:24]}")
def test_another_version_is_found_wherever_it_is(place: object, copy: Path) -> None:
    """A version that differs, and one that has gone, are told with the file."""
    (found,) = [one for one in PLACES if one is place]
    path = copy / found.file
    before = path.read_text()
    path.write_text(found.lines.sub(rf"\g<before>{NEXT}\g<after>", before))
    told = find_disagreements(copy)
    assert told
    assert all(found.file in line or found.file == "pyproject.toml" for line in told)
    assert all(NEXT in line for line in told)
    if found.file != "pyproject.toml":
        path.write_text(found.lines.sub("", before))
        assert [line for line in find_disagreements(copy) if line.startswith(f"{found.file} states no version")]


def test_a_new_version_is_written_to_all_places(copy: Path) -> None:
    """After it was written all places state it, and nothing else in the files has changed."""
    before = {place.file: (copy / place.file).read_text() for place in PLACES}
    old = read_version(copy)
    write_version(NEXT, copy)
    assert find_disagreements(copy) == []
    assert {one for place in PLACES for one in find_versions(place, copy)} == {NEXT}
    for file, text in before.items():
        changed = [
            (theirs, ours)
            for theirs, ours in zip(text.splitlines(), (copy / file).read_text().splitlines(), strict=True)
            if theirs != ours
        ]
        assert changed
        assert [theirs.replace(old, NEXT) for theirs, _ in changed] == [ours for _, ours in changed]
    chart = yaml.safe_load((copy / "helm" / "adlrisk" / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (NEXT, NEXT)
    assert json.loads((copy / "openapi" / "openapi.json").read_bytes())["info"]["version"] == NEXT
    assert f"ARG VERSION={NEXT}\n" in (copy / "Dockerfile").read_text()
    assert [
        one["version"] for one in tomllib.loads((copy / "uv.lock").read_text())["package"] if one["name"] == "adlrisk"
    ] == [NEXT]


@pytest.mark.parametrize(
    "text", ["1.2", "1.2.3.4", "v1.2.3", "1.2.3rc1", "01.2.3", "1.2.x", "", "1.2.3\n", "1.2.1\u0661"]
)
def test_a_version_is_three_numbers(text: str) -> None:
    """Whatever Python's packages and Helm read differently is no version."""
    with pytest.raises(ReleaseError, match="three numbers"):
        parse_version(text)


def test_versions_are_ordered_as_numbers() -> None:
    """Ten is newer than nine."""
    assert parse_version("0.10.0") > parse_version("0.9.12")
