"""docs/clients.md names the generators that `make clients` runs, in their locked versions."""

import json
import re
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


def test_types_name_all_of_the_document() -> None:
    """No path and no schema of the document is missing in the TypeScript types, nor is one left that it has no more."""
    types = (ROOT / "openapi" / "adlrisk.d.ts").read_text()
    document = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
    paths = re.findall(r'^    "(/.*)": \{$', types.partition("export type webhooks")[0], re.MULTILINE)
    schemas = re.findall(
        r"^        (\w+):", types.partition("\n    schemas: {")[2].partition("\n    };")[0], re.MULTILINE
    )
    assert paths == list(document["paths"]), "run make typescript"
    assert sorted(schemas) == sorted(document["components"]["schemas"]), "run make typescript"


def test_ci_makes_the_clients() -> None:
    """`make clients` is a part of the CI run, and its target exists."""
    assert "clients" in (ROOT / ".ci" / "run").read_text().splitlines()[-1].split()
    assert "\nclients: .venv/service .venv-clients/made  ## " in (ROOT / "Makefile").read_text()
