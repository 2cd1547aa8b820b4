"""Schemathesis runs of the whole HTTP surface over a socket, in all phases; alone, with many examples and seeds.

``campaign.py EXAMPLES SEED…``, run by ``make fuzz``; ``make test`` runs it once with few examples.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from adlrisk.api.http import codecs
from support.running import ROOT, WRITABLE, RunningServer

CONFIG = Path(__file__).with_name("schemathesis.toml")  # it loads the MessagePack hooks
_ALIASES = frozenset(codecs.MSGPACK.media_types[1:])
_LONGEST_SECONDS = 3600.0
_AS_IT_IS: Mapping[str, str] = {}
_SUMMARY = re.compile(r"(?:Scenarios|API Links): +(.*)|([0-9]+ generated.*)")


def main(examples: str, *seeds: str) -> int:
    """Run once for each seed; return how many runs failed."""
    failed = 0
    for seed in seeds:
        started = time.monotonic()
        run = run_against_a_server("--seed", seed, "--max-examples", examples)
        summary = "; ".join(found[0].strip() for found in _SUMMARY.finditer(run.stdout))
        _say(f"schemathesis, seed {seed}: {summary}; {time.monotonic() - started:.0f} s")
        if run.returncode:
            failed += 1
            _say(run.stdout + run.stderr)
    return failed


def run_against_a_server(*options: str) -> subprocess.CompletedProcess[str]:
    """Run against a server of its own, which it may change."""
    return _run(add_what_words_tell, *options)


def run_without_aliases(*options: str) -> subprocess.CompletedProcess[str]:
    """Run with each format under one media type, and with the systematic phase in JSON alone.

    That phase repeats the same bodies for each media type; ``make fuzz`` has them all.
    """
    return _run(
        lambda document: _without_aliases(add_what_words_tell(document)), *options, environ={"SYSTEMATIC_IN_JSON": "1"}
    )


def add_what_words_tell(document: dict[str, Any]) -> dict[str, Any]:
    """Return ``document`` with what it only tells in words: MessagePack bodies, and that any item makes a batch."""
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        content = operation.get("requestBody", {}).get("content")
        if content:
            content |= dict.fromkeys(codecs.MSGPACK.media_types, content["application/json"])
    schemas = document["components"]["schemas"]
    for name, field in (("ScoresRequest", "items"), ("AccountRequest", "positions")):
        batch = schemas[name]["properties"][field]
        batch["items"] = {"anyOf": [batch["items"], {}]}
    return document


def _run(
    change: Callable[[dict[str, Any]], dict[str, Any]], *options: str, environ: Mapping[str, str] = _AS_IT_IS
) -> subprocess.CompletedProcess[str]:
    """Run with the document as changed, against a server of its own, which it may change."""
    with RunningServer(WRITABLE, log=io.StringIO()) as server, tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(change(httpx.get(f"{server.url}/openapi.json").json()), file)
        file.flush()
        program = (sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", file.name)
        return subprocess.run(
            [*program, "--url", server.url, "--no-color", "--checks", "all", "--workers", "1", *options],
            cwd=ROOT,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )


def _without_aliases(document: Any) -> Any:
    """Return ``document`` without the aliases of a format, wherever it lists contents by media type."""
    if isinstance(document, list):
        return [_without_aliases(part) for part in document]
    if isinstance(document, dict):
        return {name: _without_aliases(part) for name, part in document.items() if name not in _ALIASES}
    return document


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
