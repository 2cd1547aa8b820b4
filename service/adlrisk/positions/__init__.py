"""The open positions of a user's own account, read from the venue and scored: ``adlrisk positions``.

As a library: ``leg_from_ccxt`` makes a leg of ``POST /account`` of one of ccxt's positions.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adlrisk.positions.from_ccxt import UnreadablePositionError, leg_from_ccxt

__all__ = ["UnreadablePositionError", "leg_from_ccxt"]


def __getattr__(name: str) -> Any:
    """Import the public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module 'adlrisk.positions' has no attribute {name!r}")
    return getattr(import_module("adlrisk.positions.from_ccxt"), name)
