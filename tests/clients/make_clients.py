"""Generates a client of the running service with each generator, runs it, and prints a table; `make clients`.

``make_clients.py ADLRISK FOLDER``: the program of the service, and where the clients are generated. Fails if a client
does not compile, does not get the documented answers, does not read the problem of a failing request, or does not
understand the answer of a later version; if the TypeScript types in the repository are not those now generated; or if
a linter of the document finds an error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from clients.generators import (
    BIN,
    Generator,
    StepError,
    find_warnings,
    list_generators,
    list_linters,
    prepare,
    run_step,
)
from clients.later_version import NEW_VALUE, serving_later
from clients.typescript import ROOT, TYPES, find_drift

EXAMPLES: Final = ROOT / "openapi" / "examples"
COLUMNS: Final = ("compiles", "runs", "failing request typed", "later answer read")
# No tool asks for newer versions of itself or reports its use.
TOOLS: Final = {
    "PATH": f"{BIN}:{os.environ['PATH']}",
    "CI": "1",
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
}
_LISTENS: Final = re.compile(r"http://127\.0\.0\.1:([0-9]+)")
_LONGEST_START: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a generator: the cells of its row, and what to read where one is not ok."""

    cells: dict[str, bool]
    warnings: int = 0  # of the generator
    explanation: str = ""


def main(adlrisk: str, folder: str) -> int:
    """Print the table; return 0 if all is well."""
    work = Path(folder)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with serving(adlrisk, log=work / "service.log") as url:
        document = json.loads(urllib.request.urlopen(f"{url}/openapi.json").read())  # noqa: S310 (http, our own)
        with serving_later(document) as later_url, ThreadPoolExecutor(2) as pool:
            generators = list_generators()
            attempt = partial(try_generator, work=work, document=document, urls=(url, later_url))
            outcomes = list(pool.map(attempt, generators))
    print_table(list(zip(generators, outcomes, strict=True)))
    same = compare_types(work / "openapi_typescript" / TYPES.name)
    linted = lint(work, document=document)
    failed = not same or not linted or not all(all(outcome.cells.values()) for outcome in outcomes)
    return int(failed)


def try_generator(generator: Generator, *, work: Path, document: dict[str, Any], urls: tuple[str, str]) -> Outcome:
    """Generate a client, compile it, run it and compare what it has read."""
    folder = work / Path(generator.program).stem
    prepare(folder, document=document, program=generator.program)
    environment = {**os.environ, **TOOLS}
    cells = dict.fromkeys(COLUMNS, False)
    try:
        warnings = find_warnings(run_step(generator.generate, folder, environment))
        run_step(generator.compile, folder, environment)
        cells["compiles"] = True
        printed = run_step((*generator.run, *urls, "requests.json"), folder, environment)
    except StepError as error:
        return Outcome(cells=cells, explanation=str(error))
    read = json.loads(printed)
    expected = expect()
    for cell, names in (
        ("runs", ("score", "band", "actions", "batch", "ranked")),
        ("failing request typed", ("problem", "pointers")),
        ("later answer read", ("later",)),
    ):
        cells[cell] = all(read[name] == expected[name] for name in names)
    wrong = {name: value for name, value in read.items() if value != expected[name]}
    return Outcome(cells=cells, warnings=len(warnings), explanation="\n".join(map(repr, wrong.items())))


def expect() -> dict[str, Any]:
    """Return what a program must have read: the documented answers, the problem, and the later version's new values."""
    score, batch, ranked = (
        json.loads((EXAMPLES / f"{name}.answer.json").read_bytes()) for name in ("score", "scores", "queue-rank")
    )
    return {
        "score": score["score"],
        "band": score["band"],
        "actions": [action["action"] for action in score["actions"]],
        "batch": [result.get("score", result.get("status")) for result in batch["results"]],
        "ranked": [row["id"] for row in ranked["queues"]["long"]["positions"]],
        "problem": "/problems/meter-out-of-scale",
        "pointers": ["/position/adl_meter"],
        "later": [NEW_VALUE] * (2 + len(score["actions"])),
    }


@contextmanager
def serving(adlrisk: str, *, log: Path) -> Iterator[str]:
    """Run the service on a free port; gives its URL."""
    with log.open("wb") as output:
        process = subprocess.Popen([adlrisk, "serve", "--port", "0"], stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + _LONGEST_START
        while not (found := _LISTENS.findall(log.read_text())):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the service has not started:\n{log.read_text()}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{found[0]}"
    finally:
        process.terminate()
        process.wait(_LONGEST_START)


def compare_types(generated: Path) -> bool:
    """Print whether the types in the repository are those that were generated, and return it."""
    if not generated.exists():
        return False  # the row of the generator says why
    drift = find_drift(generated.read_text())
    outcome = f"FAILED, run `make typescript`\n{drift}" if drift else "as generated"
    print(f"openapi/adlrisk.d.ts: {outcome}")
    return not drift


def lint(work: Path, *, document: dict[str, Any]) -> bool:
    """Lint the document, and print each linter's last lines; return whether none has found an error."""
    (work / "openapi.json").write_text(json.dumps(document))
    well = True
    for name, command in list_linters().items():
        try:
            warnings = find_warnings(run_step(command, work, {**os.environ, **TOOLS}))
            print(f"{name}: no errors, {len(warnings)} lines that warn")
            print("".join(f"  {line}\n" for line in warnings), end="")
        except StepError as error:
            well = False
            print(f"{name}: FAILED\n{error}")
    return well


def print_table(rows: list[tuple[Generator, Outcome]]) -> None:
    """Print a row for each generator, in Markdown, and below what to read where a cell is not ok."""
    print(f"| generator | version | {' | '.join(COLUMNS)} | warnings |")
    print("|---" * (3 + len(COLUMNS)) + "|")
    for generator, outcome in rows:
        cells = ["ok" if outcome.cells[column] else "FAILED" for column in COLUMNS]
        print(f"| {generator.name} | {generator.version} | {' | '.join(cells)} | {outcome.warnings} |")
    print()
    for generator, outcome in rows:
        if not all(outcome.cells.values()):
            print(f"{generator.name}:\n{outcome.explanation}\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
