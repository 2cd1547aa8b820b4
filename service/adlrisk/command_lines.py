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


def format_with_variables(missing: Iterable[str], arguments: Iterable[str]) -> str:
    """The command line with the variables that it misses.

    Those of secrets name files, since shells keep what is typed.
    """
    given = [f"{name}=ADDRESS" if name == _WALLET else f"{name}_FILE=FILE" for name in missing]
    return " ".join((*given, name_program(), shlex.join(arguments)))
