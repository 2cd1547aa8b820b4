"""Environments with one extra of the package each: what works in them, and their sizes; `make packages`.

``environments.py UV FOLDER``: uv, and where the environments are made, from a wheel and the locked versions. Fails if
the library needs an extra, or a module that an extra is for needs another one.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
_BASE: Final = "base"
# All modules of a package, each imported, or the error of the first that cannot be.
_IMPORT_ALL: Final = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
        importlib.import_module(module.name)
"""


def main(uv: str, folder: str) -> int:
    """Print a row for each environment; return 0 if all is well."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    failures = []
    print("| installed | MB | packages |\n|---|---|---|")
    for extra in (_BASE, *project["optional-dependencies"]):
        environment = Path(folder).resolve() / extra
        make_environment(uv, environment, extra=extra)
        installed = f"adlrisk[{extra}]" if extra != _BASE else "adlrisk"
        print(f"| `{installed}` | {measure_megabytes(environment):.0f} | {count_packages(environment)} |", flush=True)
        failures += [f"{installed}: {failure}" for failure in find_failures(environment, extra=extra)]
    print(*failures, sep="\n")
    return int(bool(failures))


def list_packages_of(extra: str) -> tuple[str, ...]:
    """Return the packages of ours that an extra is for."""
    return ("adlrisk.api", "adlrisk.page") if extra == "server" else (f"adlrisk.{extra}",)


def make_environment(uv: str, environment: Path, *, extra: str) -> None:
    """Install the package as locked, with one extra and nothing else, from a wheel built now."""
    chosen = () if extra == _BASE else ("--extra", extra)
    command = (uv, "sync", "--frozen", "--quiet", "--no-default-groups", "--no-editable", *chosen)
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment)}
    subprocess.run((*command, "--reinstall-package", "adlrisk"), cwd=ROOT, env=variables, check=True)


def measure_megabytes(environment: Path) -> float:
    """Return what ``du`` says of the environment, without bytecode."""
    done = subprocess.run(("du", "-sk", str(environment)), capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0]) / 1000


def count_packages(environment: Path) -> int:
    """Return the number of distributions in the environment, ours included."""
    return len(list(environment.glob("lib/python*/site-packages/*.dist-info")))


def find_failures(environment: Path, *, extra: str) -> list[str]:
    """Return the output of each check that fails in the environment."""
    if extra == _BASE:
        script = Path(__file__).with_name("base_environment.py")
        examples = ROOT / "openapi" / "examples"
        checks = [
            ("python", "-IB", str(script), str(examples)),
            ("adlrisk", "score", str(examples / "score.request.json")),
        ]
    else:
        checks = [("python", "-IB", "-c", _IMPORT_ALL, *list_packages_of(extra)), ("adlrisk", "--help")]
    # Run elsewhere, so that the project's folder is not on the path.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    variables["PYTHONDONTWRITEBYTECODE"] = "1"  # not measured, the next time neither
    failures = []
    for program, *arguments in checks:
        done = subprocess.run(
            (str(environment / "bin" / program), *arguments),
            cwd=environment, env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            failures.append(f"{program} {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return failures


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
