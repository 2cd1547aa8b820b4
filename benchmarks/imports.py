"""Benchmark of ``from adlrisk import score``: the import time in fresh processes.

Run by ``make bench-imports``; not a test. The import of msgspec alone is the minimum. Not shown: the first import after
an installation, which compiles the modules.
"""

import statistics
import subprocess
import sys

_ROUNDS = 21
_IMPORTS = ("import msgspec", "from adlrisk import score", "from adlrisk import score, ScoreRequest, Position")


def milliseconds(statement: str) -> float:
    """Median time of ``statement`` in a fresh interpreter, with all modules compiled."""
    script = f"import time; start = time.perf_counter(); {statement}; print((time.perf_counter() - start) * 1e3)"
    taken = [
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
        for _ in range(_ROUNDS)
    ]
    return statistics.median(taken[1:])


if __name__ == "__main__":
    for imported in _IMPORTS:
        print(f"{imported:50}{milliseconds(imported):8.0f} ms")
