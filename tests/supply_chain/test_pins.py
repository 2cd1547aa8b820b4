"""Everything that is installed, built on or run by CI is pinned: by hash, by digest or by commit."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.running import ROOT

UV = Path(sys.executable).with_name("uv")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
# What installs or fetches something: the image, the targets, CI, and scripts beside and behind the tests.
SCRIPTS = sorted(
    [ROOT / "Dockerfile", ROOT / "Makefile"]
    + [
        path
        for folder in (".ci", ".github")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    + [
        path
        for folder in ("helm", "tests/clients", "tests/support", "benchmarks", "docs", "openapi")
        for path in (ROOT / folder).rglob("*.py")
    ]
)
INSTALLS = {
    "by pip": (re.compile(r"\bpip3?\s(?:[^\n;&|]*\s)?(?:install|download|wheel)\b[^\n;&|]*"), "--require-hashes"),
    "by uv": (re.compile(r"\buv\s+(?:sync|run|export|audit)\b[^\n;&|]*"), "--frozen"),
}
# `uv build` is not among them: see test_uv_builds_with_nothing_that_has_no_hash.
UNPINNED = re.compile(
    r"\buv\s+(?:pip|tool|add)\b[^\n]*|\buv\s+run\b[^\n]*--with\b[^\n]*|\b(?:uvx|pipx|npx|easy_install)\s[^\n]*"
    r"|\b(?:npm|yarn|gem|cargo|go)\s+install\b[^\n]*|\b(?:curl|wget)\s[^\n]*https://[^\n]*"
)


def commands(text: str) -> str:
    """The text with each command on one line, also one that is a list of words in Python."""
    text = text.replace("\\\n", " ").replace("$(UV)", "uv")
    text = re.sub(r"([\"']),\s+(?=[\"'\w])", r"\1 ", text)
    return re.sub(r"[\"'()\[\]]", " ", text)


def unpinned(text: str) -> list[str]:
    """The commands in ``text`` that install something which no hash pins."""
    found = [
        command for pattern, option in INSTALLS.values() for command in pattern.findall(text) if option not in command
    ]
    return found + UNPINNED.findall(text)


def exported(group: str) -> dict[str, set[str]]:
    """The hashes in uv.lock of a group's requirements, by requirement."""
    command = [
        str(UV),
        "export",
        "--quiet",
        "--frozen",
        "--offline",
        "--only-group",
        group,
        "--no-header",
        "--no-annotate",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return requirements(done.stdout)


def requirements(text: str) -> dict[str, set[str]]:
    """The hashes of each requirement in a requirements file."""
    lines = [line.split() for line in text.replace("\\\n", "").splitlines() if line and not line.startswith("#")]
    return {words[0]: {word.removeprefix("--hash=") for word in words[1:]} for words in lines}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_whatever_is_installed_is_pinned_by_hash(path: Path) -> None:
    """What pip installs is checked by hashes, what uv installs is locked, and nothing else installs."""
    assert unpinned(commands(path.read_text())) == []


@pytest.mark.parametrize(
    "text",
    [
        "RUN python3 -m pip install uv==0.13.9",
        "\t$(PYTHON) -m pip --python $(BIN)/python install --quiet \\\n\t  uv==1",
        "RUN pip install --require-hashes -r a && pip install b",
        '("-m", "pip", "download", "--quiet")',
        "\t$(UV) sync --inexact",
        "RUN /opt/uv/bin/uv pip install x",
        '["uv", "run", "--quiet",\n "--with", "a==1"]',
        "run: curl -sSf https://host.example/install | sh",
        "npx spectral",
    ],
)
def test_installations_without_a_hash_are_found(text: str) -> None:
    """The test above would see each of these."""
    assert unpinned(commands(text))


def test_base_images_are_pinned_by_digest() -> None:
    """Each stage of the image is built on an earlier one or on one digest, named where the updates bot looks."""
    lines = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("FROM ")]
    stages: set[str] = set()
    bases: set[str] = set()
    for _, source, _, stage in lines:
        bases |= {source} - stages
        stages.add(stage)
    assert stages == {"build", "sbom", "service"}
    (base,) = bases
    assert re.fullmatch(r"python:[\w.-]+@sha256:[0-9a-f]{64}", base)


def test_actions_are_pinned_by_commit() -> None:
    """Each action of the workflows is named by a commit, with its version beside it."""
    used = [
        line.partition("uses:")[2].strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", action), action


def test_packages_of_npm_are_pinned_by_hash() -> None:
    """Each package in npm's lock file has a hash, no registry's address and the version that package.json names."""
    folder = ROOT / "tests" / "clients"
    named = json.loads((folder / "package.json").read_bytes())["devDependencies"]
    packages = json.loads((folder / "package-lock.json").read_bytes())["packages"]
    assert packages.pop("")["devDependencies"] == named
    assert len(packages) > len(named)
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
    for name, release in named.items():
        assert packages[f"node_modules/{name}"]["version"] == release, name
    assert "ignore-scripts=true" in (folder / ".npmrc").read_text().splitlines()


def test_requirements_of_uv_are_those_of_the_lock() -> None:
    """`make generated` would not change the hashes by which pip installs uv."""
    assert requirements((ROOT / "uv-requirements.txt").read_text()) == exported("bootstrap"), "run make generated"


def test_build_constraints_are_those_of_the_lock() -> None:
    """The build backend and all it needs have the version and hashes that uv.lock has for the group "build"."""
    given = {one["requirement"]: set(one["hashes"]) for one in PROJECT["tool"]["uv"]["build-constraint-dependencies"]}
    locked = exported("build")
    assert given == locked, f"in pyproject.toml there should be {locked}; then run uv lock"
    assert {line.partition(">")[0] for line in PROJECT["build-system"]["requires"]} <= {
        requirement.partition("==")[0] for requirement in locked
    }


def test_uv_builds_with_nothing_that_has_no_hash(tmp_path: Path) -> None:
    """With the settings of this project, uv refuses a build backend without a hash."""
    settings = PROJECT["tool"]["uv"]
    assert settings["require-build-hashes"] is True
    (tmp_path / "pyproject.toml").write_text(
        f"""
[build-system]
requires = {PROJECT["build-system"]["requires"]}
build-backend = "hatchling.build"
[project]
name = "other"
version = "1"
[tool.uv]
preview-features = {settings["preview-features"]}
require-build-hashes = true
"""
    )
    done = subprocess.run([UV, "build", "--offline"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no trusted hash was provided for: `hatchling`" in " ".join(done.stderr.split())


def test_an_updates_bot_renews_every_kind_of_pin() -> None:
    """Dependabot looks after the locks, the base image and the actions, each week."""
    configured = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {one["package-ecosystem"] for one in configured} == {"uv", "npm", "docker", "github-actions"}
    assert {one["schedule"]["interval"] for one in configured} == {"weekly"}
    for one in configured:
        assert one["directory"] == {"npm": "/tests/clients"}.get(one["package-ecosystem"], "/")
