"""Command lines of this program for messages: what a reader can paste as it is, in the folder where they are."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from adlrisk.settings import variable_of

_PROGRAM: Final = "adlrisk"
_WALLET: Final = variable_of("venue_wallet")  # an address, which is public


def name_program() -> str:
    """How this program is called from here: by its name where that is on the PATH, else by its path."""
    called = Path(sys.argv[0])
    if called.parts[-2:] == (_PROGRAM, "__main__.py"):
        return f"{sys.executable} -m {_PROGRAM}"
    if called.name != _PROGRAM or _is_on_path(called):
        return _PROGRAM
    relative = os.path.relpath(called)
    return str(called) if relative.startswith("..") else relative


def _is_on_path(called: Path) -> bool:
    found = shutil.which(_PROGRAM)
    return found is not None and Path(found).resolve() == called.resolve()


def format_with_variables(arguments: Iterable[str], *, given: Iterable[str], missing: Iterable[str]) -> str:
    """The command line with the variables that it needs, a placeholder each.

    Those that were given may have stood before this command alone, so they have to be given again. Missing secrets name
    files, since shells keep what is typed.
    """
    named = (*given, *(name if name == _WALLET else f"{name}_FILE" for name in missing))
    return " ".join((*(f"{name}={_placeholder(name)}" for name in named), name_program(), shlex.join(arguments)))


def _placeholder(variable: str) -> str:
    """What stands for the value of a variable: its last word, or what a wallet is."""
    return "ADDRESS" if variable == _WALLET else variable.rpartition("_")[2]
