"""The package without its extras, and what each extra has to bring."""

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from support.packages.environments import list_packages_of
from support.running import EXAMPLES, ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BASE = ["click", "msgspec", "numpy"]


def names_of(requirements: list[str]) -> list[str]:
    return [re.split(r"[\[<>=;]", requirement)[0] for requirement in requirements]


def test_the_base_dependencies_are_the_librarys() -> None:
    """`pip install adlrisk` brings no server, no store and no client of a venue."""
    assert names_of(PROJECT["dependencies"]) == BASE


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_extras_are_sorted_and_have_a_package(extra: str) -> None:
    """Each extra lists its requirements in order, and `make packages` imports all modules of what it is for."""
    names = names_of(PROJECT["optional-dependencies"][extra])
    assert names == sorted(names)
    assert list(PROJECT["optional-dependencies"]) == sorted(PROJECT["optional-dependencies"])
    for package in list_packages_of(extra):
        assert (ROOT / "service" / package.replace(".", "/") / "__init__.py").is_file(), package


def test_library_and_commands_work_with_the_base_dependencies() -> None:
    """Where all others are hidden, the library answers, and commands without their extra say what to install."""
    script = ROOT / "tests" / "support" / "packages" / "base_environment.py"
    command = [sys.executable, str(script), str(EXAMPLES), "--only", *BASE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_docs_have_a_size_of_each_extra() -> None:
    """The table of the page has a row for the package without extras and with each, in the order of the project."""
    page = (ROOT / "docs" / "deployment.md").read_text().partition("## Packages")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `adlrisk(?:\[(\w+)\])?` \| .* \| \d+ \| \d+ \|$", page, re.MULTILINE)
    assert rows == ["", *PROJECT["optional-dependencies"]], "run make packages"


def test_targets_install_what_they_need() -> None:
    """`make run` and the image have the server; tests, licences, audit and SBOM cover every extra."""
    assert 'ARG EXTRAS="server"\n' in (ROOT / "Dockerfile").read_text()
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    exports = re.findall(r"\$\(UV\) export .*", makefile)
    assert [export for export in exports if "--all-extras" not in export and "--only-group" not in export] == []
    for made, extras in (("service", "--extra server"), ("tests", "--all-extras"), ("audit", "--all-extras")):
        assert re.search(rf"^\.venv/{made}: .*\n\t.* sync .* {extras}\b", makefile, re.MULTILINE), made


def test_ci_installs_each_extra_alone() -> None:
    """`make packages` is a part of the CI run, and asks for every extra of the project."""
    assert "packages" in (ROOT / ".ci" / "run").read_text().splitlines()[-1].split()
    assert "\npackages: .venv/uv  ## " in (ROOT / "Makefile").read_text()
