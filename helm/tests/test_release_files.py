"""The files of a release, made as the workflow makes them."""

import json
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from release.files import make_files
from release.version import read_version
from support.running import ROOT

VERSION = read_version()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "files"
    folder.mkdir()
    (folder / "older").write_text("of another release")
    make_files(folder)
    return folder


def test_all_files_are_there(files: Path) -> None:
    """Packages, chart, SBOM, notes and checksums, and nothing of an earlier release."""
    assert {path.name for path in files.iterdir()} == {
        f"adlrisk-{VERSION}-py3-none-any.whl", f"adlrisk-{VERSION}.tar.gz", f"adlrisk-chart-{VERSION}.tgz",
        f"adlrisk-{VERSION}.cdx.json", "RELEASE_NOTES.md", "SHA256SUMS",
    }  # fmt: skip


def test_checksums_are_of_all_other_files(files: Path) -> None:
    """The system's own program checks each file by them."""
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=files, capture_output=True, check=True
    )
    assert len(done.stdout.splitlines()) == len(list(files.iterdir())) - 1


def test_the_packages_have_all_modules(files: Path) -> None:
    """Wheel and source distribution have each module and card of the service, and nothing of the tests."""
    ours = {
        str(path.relative_to(ROOT / "service"))
        for path in (ROOT / "service" / "adlrisk").rglob("*")
        if path.suffix in {".py", ".toml", ".css", ".js", ".svg", ".typed"}
    }
    assert len(ours) > 300
    with zipfile.ZipFile(files / f"adlrisk-{VERSION}-py3-none-any.whl") as wheel:
        names = set(wheel.namelist())
    assert ours <= names
    assert not [name for name in names if "test" in name.split("/")[0]]
    with tarfile.open(files / f"adlrisk-{VERSION}.tar.gz") as source:
        inside = {name.partition("/")[2] for name in source.getnames()}
    assert {f"service/{name}" for name in ours} | {"pyproject.toml", "LICENSE", "CHANGELOG.md", "README.md"} <= inside
    assert not [name for name in inside if name.startswith(("tests", ".ci", "helm", "docs"))]


def test_the_chart_has_the_version(files: Path) -> None:
    """Chart and image have the version of the release, and the chart its schema and README."""
    with tarfile.open(files / f"adlrisk-chart-{VERSION}.tgz") as chart:
        names = chart.getnames()
        described = chart.extractfile("adlrisk/Chart.yaml")
        assert described is not None
        content = yaml.safe_load(described.read())
    assert (content["version"], content["appVersion"]) == (VERSION, VERSION)
    assert {"adlrisk/values.schema.json", "adlrisk/README.md", "adlrisk/values-production.yaml"} <= set(names)


def test_the_sbom_has_the_locked_packages(files: Path) -> None:
    """It is CycloneDX, has the project in its version, and packages with the versions of the lock."""
    sbom = json.loads((files / f"adlrisk-{VERSION}.cdx.json").read_bytes())
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["version"] == VERSION
    locked = set(re.findall(r'^name = "(.+)"\nversion = "(.+)"$', (ROOT / "uv.lock").read_text(), re.MULTILINE))
    named = {(one["name"], one["version"]) for one in sbom["components"]}
    assert named <= locked
    assert {"litestar", "ccxt", "msgspec", "redis"} <= {name for name, _ in named}
