"""Mutation testing: mutates ``domain/``, runs the tests against every mutant and prints survivors: ``make mutation``.

All that mutmut reads and writes is in ``.mutation``, made anew: there ``src`` is a link to ``service``, because
mutmut finds the modules of a package only below a directory of that name.
"""

import collections
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
WORK: Final = ROOT / ".mutation"
LINKS: Final = {name: name for name in ("tests", "openapi", "docs", "pyproject.toml")} | {"src": "service"}
CHILDREN: Final = 2

# Results of the tests of one mutant: pytest's exit codes, and mutmut's own for timeouts.
KILLED: Final = frozenset({1, 3})
TIMED_OUT: Final = frozenset({-24, 24, 36, 152, 255})
SURVIVED: Final = frozenset({0, 5, 33})  # 5 and 33: no test calls the function


def main() -> None:
    """Run all mutants and print the score of each module, then the survivors."""
    if WORK.exists():
        shutil.rmtree(WORK)
    WORK.mkdir()
    for name, target in LINKS.items():
        (WORK / name).symlink_to(Path("..") / target)
    mutmut = Path(sys.executable).with_name("mutmut")
    command = ["nice", "-n", "15", str(mutmut), "run", "--max-children", str(CHILDREN)]
    subprocess.run(command, cwd=WORK, env={**os.environ, "PYTHONHASHSEED": "0"}, check=True)
    report()


def report() -> None:
    """Print the results of the last run."""
    rows, survivors = [], []
    for found in sorted((WORK / "mutants").rglob("*.py.meta")):
        codes: dict[str, int | None] = json.loads(found.read_text())["exit_code_by_key"]
        ends = collections.Counter(_end_of(code) for code in codes.values())
        rows.append((found.name.removesuffix(".py.meta"), ends))
        survivors += [f"{name}  {_end_of(code)}" for name, code in codes.items() if _end_of(code) != "killed"]
    print(f"{'module':<18}{'mutants':>8}{'killed':>8}{'survived':>9}{'timeout':>8}{'other':>6}{'score':>9}")
    for module, ends in rows:
        print(_row(module, ends))
    print(_row("all", sum((ends for _, ends in rows), collections.Counter())))
    print("\nNot killed; `cd .mutation && ../.venv/bin/mutmut show NAME` shows one:")
    print("\n".join(survivors))


def _row(module: str, ends: collections.Counter[str]) -> str:
    total = ends.total()
    noticed = ends["killed"] + ends["timeout"]
    score = f"{100 * noticed / total:.1f} %" if total else "–"
    counts = f"{total:>8}{ends['killed']:>8}{ends['survived']:>9}{ends['timeout']:>8}{ends['other']:>6}"
    return f"{module:<18}{counts}{score:>9}"


def _end_of(code: int | None) -> str:
    if code in KILLED:
        return "killed"
    if code in SURVIVED:
        return "survived"
    return "timeout" if code in TIMED_OUT else "other"


if __name__ == "__main__":
    main()
