"""docs/clients.md names the generators that `make clients` runs, in their locked versions."""

import json
import tomllib

import pytest

from support.running import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text()
LOCKED = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
PYTHON = {package["name"]: package["version"] for package in LOCKED}
NPM = json.loads((ROOT / "tests" / "clients" / "package.json").read_bytes())["devDependencies"]


@pytest.mark.parametrize(
    ("row", "versions"),
    [
        ("openapi-typescript, with openapi-fetch", f"{NPM['openapi-typescript']}, {NPM['openapi-fetch']}"),
        ("openapi-generator, `typescript-fetch`", PYTHON["openapi-generator-cli"]),
        ("datamodel-code-generator", PYTHON["datamodel-code-generator"]),
        ("openapi-python-client", PYTHON["openapi-python-client"]),
    ],
)
def test_page_has_the_locked_versions(row: str, versions: str) -> None:
    """The table of the page says with which version a generator was tried."""
    assert f"| {row} | {versions} |" in PAGE


def test_ci_makes_the_clients() -> None:
    """`make clients` is a part of the CI run, and its target exists."""
    assert "side_by_side test ops-test check audit clients" in (ROOT / ".ci" / "run").read_text()
    assert "\nclients: .venv/service .venv-clients/made  ## " in (ROOT / "Makefile").read_text()
