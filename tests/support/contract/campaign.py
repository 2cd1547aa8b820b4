"""The whole HTTP surface under schemathesis, over a socket, in all phases; by itself, many examples under many seeds.

``campaign.py EXAMPLES SEED…``, run by ``make fuzz``.
"""

import io
import re
import subprocess
import sys
import time
from pathlib import Path

from support.running import ROOT, WRITABLE, RunningServer

CONFIG = Path(__file__).with_name("schemathesis.toml")  # it loads the hooks that teach MessagePack
_LONGEST_SECONDS = 3600.0
_TOLD = re.compile(r"(?:Scenarios|API Links): +(.*)|([0-9]+ generated.*)")


def main(examples: str, *seeds: str) -> int:
    """Run once for each seed; how many did not end well."""
    failed = 0
    for seed in seeds:
        started = time.monotonic()
        run = run_against_a_server("--seed", seed, "--max-examples", examples)
        told = "; ".join(found[0].strip() for found in _TOLD.finditer(run.stdout))
        _say(f"schemathesis, seed {seed}: {told}; {time.monotonic() - started:.0f} s")
        if run.returncode:
            failed += 1
            _say(run.stdout + run.stderr)
    return failed


def run_against_a_server(*options: str) -> subprocess.CompletedProcess[str]:
    """A run against a server of its own, which it may change."""
    program = (sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG))
    with RunningServer(WRITABLE, log=io.StringIO()) as server:
        return subprocess.run(
            [
                *program,
                "run",
                f"{server.url}/openapi.json",
                "--no-color",
                "--checks",
                "all",
                "--workers",
                "1",
                *options,
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
