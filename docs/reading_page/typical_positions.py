"""Typical positions: those of ``positions.toml``, each with the library's answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from adlrisk import account, score
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer

_POSITIONS: Final = Path(__file__).parent / "positions.toml"
_AS_OF: Final = "2026-11-18T12:00:00Z"  # a Wednesday


class TypicalPosition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position with its name: a request of ``POST /score``, or a leg of one of ``POST /account``."""

    name: str
    request: dict[str, Any] | None = None
    account: dict[str, Any] | None = None
    leg: str | None = None

    @property
    def position(self) -> Mapping[str, Any]:
        """Its fields as they are sent."""
        if self.account is None:
            return dict((self.request or {})["position"])
        return next(leg for leg in self.account["positions"] if leg["id"] == self.leg)

    def answer(self) -> ScoreAnswer:
        """What the library answers."""
        if self.account is None:
            return score({**(self.request or {}), "as_of": _AS_OF})
        legs = account({**self.account, "as_of": _AS_OF}).positions
        return next(leg for leg in legs if leg.id == self.leg)


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    position: list[TypicalPosition]


def read_typical_positions() -> list[TypicalPosition]:
    """All of them, in the order of the table."""
    return msgspec.toml.decode(_POSITIONS.read_bytes(), type=_Listed).position
