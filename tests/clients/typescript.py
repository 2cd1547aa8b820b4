"""The TypeScript types of the OpenAPI document, ``openapi/adlrisk.d.ts``; run as a script, it writes them."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
TYPES: Final = ROOT / "openapi" / "adlrisk.d.ts"
DOCUMENT: Final = ROOT / "openapi" / "openapi.json"
_SHOWN: Final = 20  # lines of a difference


def generate_command(document: str | Path, types: str | Path) -> tuple[str, ...]:
    """Return the command that writes the types of a document, with openapi-typescript's defaults."""
    environment = Path(sys.executable).parents[1]  # .venv-clients, with node_modules beside bin
    program = environment / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    return (str(environment / "bin" / "node"), str(program), str(document), "--output", str(types))


def find_drift(generated: str) -> str:
    """Return how ``openapi/adlrisk.d.ts`` differs from the types that were generated now; nothing if it does not."""
    committed = TYPES.read_text() if TYPES.exists() else ""
    names = ("openapi/adlrisk.d.ts", "generated from openapi.json")
    lines = list(unified_diff(committed.splitlines(), generated.splitlines(), *names, lineterm="", n=1))
    more = [f"… and {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])


def write_requests(requests: Mapping[str, tuple[str, Any]], *, readme: Iterable[tuple[str, Any]]) -> str:
    """Return a module with each request as a literal of its type: examples by schema, those of the README by path."""
    lines = ['import type { components, paths } from "./adlrisk";', ""]
    for name, (schema, body) in requests.items():
        lines.append(f'export const {name}: components["schemas"]["{schema}"] = {json.dumps(body)};')
    lines += [
        "",
        "type Body<Path extends keyof paths> = paths[Path] extends {",
        '  post: { requestBody: { content: { "application/json": infer Content } } };',
        "}",
        "  ? Content",
        "  : never;",
        "export function send<Path extends keyof paths>(path: Path, body: Body<Path>): [Path, Body<Path>] {",
        "  return [path, body];",
        "}",
        "export const readme = [",
        *(f"  send({json.dumps(path)}, {json.dumps(body)})," for path, body in readme),
        "];",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    subprocess.run(generate_command(DOCUMENT, TYPES), check=True)
