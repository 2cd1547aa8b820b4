"""What works with the base dependencies alone: every function of the library, and the commands that need no extra.

A script for the Python of an environment that has no more; or, with the names of packages behind ``--only``, for one
where all others are hidden.
"""

import contextlib
import doctest
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

OF_NO_FILE: Final = (("--help",), ("make-key",), ("venues",), ("venues", "okx"), ("venues", "--json"))
# A command without its extra, and the extra that its one line names.
INCOMPLETE: Final = {
    ("serve",): "server",
    ("openapi",): "server",
    ("collect", "--once", "--market", "okx:BTC/USDT:USDT"): "collect",
    ("mcp",): "mcp",
    ("positions", "--venue", "binance"): "positions",
    ("watch", "--account", "binance"): "watch",
}


class HidePackages:
    """An importer, before all others, that finds no package but those of ``names`` and the standard library."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {"adlrisk", *names, *sys.stdlib_module_names}

    def find_spec(self, name: str, *_: Any) -> None:
        """Raise for a hidden package, leave the others to the next importer."""
        if name.partition(".")[0] not in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main(examples: Path, only: Sequence[str]) -> int:
    """Print what fails; return 0 if nothing does."""
    if only:
        sys.meta_path.insert(0, HidePackages(only))
    failures = [*try_library(), *try_commands(examples)]
    print(*failures, sep="\n")
    return int(bool(failures))


def try_library() -> Iterator[str]:
    """Run the examples of the library's docstring, and import each public name."""
    import adlrisk
    from adlrisk.positions import leg_from_ccxt

    assert callable(leg_from_ccxt)
    for name in adlrisk.__all__:
        getattr(adlrisk, name)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        outcome = doctest.testmod(adlrisk)
    if outcome.failed or not outcome.attempted:
        yield f"the library: {outcome}\n{printed.getvalue()}"


def try_commands(examples: Path) -> Iterator[str]:
    """Run each command that works, and each that has to say what is missing."""
    score, account = (str(examples / f"{name}.request.json") for name in ("score", "account-hedge"))
    for works in (("score", score), ("score", "--json", score), ("account", account), *OF_NO_FILE):
        code, printed = run_command(works)
        if code or not printed:
            yield f"{works}: exit code {code}: {printed}"
    for command, extra in INCOMPLETE.items():
        code, printed = run_command(command)
        if code != 1 or printed.count("\n") != 1 or f"'adlrisk[{extra}]'" not in printed:
            yield f"{command}: exit code {code}, in place of one line that names {extra!r}: {printed}"


def run_command(arguments: Sequence[str]) -> tuple[int, str]:
    """Return the exit code and all output of the command line; a traceback is output too."""
    from click.testing import CliRunner

    from adlrisk.__main__ import main as program

    done = CliRunner().invoke(program, arguments)
    failed = done.exception is not None and not isinstance(done.exception, SystemExit)
    return done.exit_code, f"{done.exception!r}\n{done.output}" if failed else done.output


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[3:] if "--only" in sys.argv else ()))
