"""Reprs without secrets: reprs end up in tracebacks, logs and test reports."""

from collections.abc import Container
from typing import Final

from msgspec import Struct

HIDDEN: Final = "[hidden]"


def masked_repr(struct: Struct, *, secrets: Container[str]) -> str:
    """The repr of ``struct``; the fields named in ``secrets`` show only whether they are set.

    >>> class Login(Struct):
    ...     user: str
    ...     password: str
    >>> masked_repr(Login("me", "s3cret"), secrets={"password"})
    "Login(user='me', password=[hidden])"
    """
    shown = (
        f"{name}={HIDDEN if name in secrets and getattr(struct, name) else repr(getattr(struct, name))}"
        for name in struct.__struct_fields__
    )
    return f"{type(struct).__name__}({', '.join(shown)})"
