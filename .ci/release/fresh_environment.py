"""The built wheel in an environment of its own, run elsewhere than in the project's folder."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from release import ROOT, ReleaseError
from release.files import UV, digest_of, run
from release.version import read_version

_SYNC: Final = ("sync", "--frozen", "--quiet", "--no-default-groups", "--no-install-project", "--extra", "server")
_PIP: Final = ("-m", "pip", "--disable-pip-version-check")
_REQUEST: Final = ROOT / "openapi" / "examples" / "score.request.json"
_SCORE: Final = 8  # of the worked example in the README


def try_wheel(files: Path, environment: Path) -> str:
    """Install the wheel in the folder with the locked dependencies of the service, and run it; returns what it said.

    Raises:
        ReleaseError: it cannot be installed, states another version, or answers the worked example otherwise.
    """
    (wheel,) = files.glob("*.whl")
    shutil.rmtree(environment, ignore_errors=True)
    run(UV, *_SYNC, environ={**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment)})
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(f"adlrisk @ {wheel.resolve().as_uri()} --hash=sha256:{digest_of(wheel)}\n")
        requirement.flush()
        into = ("--python", str(environment / "bin" / "python"))
        run(
            _system_python(),
            *_PIP,
            *into,
            "install",
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "--requirement",
            requirement.name,
        )
    said = _ask(environment, "--version").split()[-1]
    if said != read_version():
        raise ReleaseError(f"the wheel's adlrisk says that it is {said}")
    score = json.loads(_ask(environment, "score", "--json", str(_REQUEST)))["score"]
    if score != _SCORE:
        raise ReleaseError(f"the wheel scores the worked example {score}, not {_SCORE}")
    document = json.loads(_ask(environment, "openapi"))
    if document != json.loads((ROOT / "openapi" / "openapi.json").read_bytes()):
        raise ReleaseError("the wheel's OpenAPI document is not openapi/openapi.json")
    return f"adlrisk {said} scores the worked example {score}, and its OpenAPI document is the committed one"


def _ask(environment: Path, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as elsewhere:
        return run(str(environment / "bin" / "adlrisk"), *arguments, environ=environ, cwd=Path(elsewhere))


def _system_python() -> str:
    """A Python with pip; that of the environment has none."""
    return str(Path(sys.base_prefix) / "bin" / "python3")
