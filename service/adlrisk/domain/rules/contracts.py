"""Refusal of a contract of a kind that the venue does not have."""

from typing import Final

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Contract
from adlrisk.domain.rules.card import VenueRules


def refuse_contract(contract: Contract, rules: VenueRules, *, path: tuple[str | int, ...]) -> RefusedError:
    """The refusal of ``contract``, found at ``path`` of the request and not among the venue's ``contracts``."""
    (only,) = rules.contracts  # a venue that has both refuses neither
    detail = (
        f"{rules.name} has no {contract} contracts: send `{only}`, and amounts in the {_SETTLEMENT[only]} currency, "
        "or the venue that has it"
    )
    return RefusedError(problem="contract-mismatch", path=path, detail=detail)


_SETTLEMENT: Final[dict[Contract, str]] = {"linear": "quote", "inverse": "base"}
