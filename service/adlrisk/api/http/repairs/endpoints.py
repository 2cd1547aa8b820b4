"""Bodies that were sent to the wrong endpoint: which one they look like, where their fields leave no doubt."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class _Body(NamedTuple):
    field: str  # that it must have
    kind: type  # of its value
    others: frozenset[str]  # all that it may have besides


BODIES: Final[Mapping[str, _Body]] = {
    "POST /score": _Body("position", dict, frozenset({"venue", "symbol", "market", "as_of"})),
    "POST /scores": _Body("items", list, frozenset({"detail"})),
    "POST /account": _Body(
        "positions",
        list,
        frozenset({"venue", "wallet_balance", "equity", "maintenance_margin", "markets", "as_of"}),
    ),
    "POST /fills/classify": _Body("fills", list, frozenset({"venue"})),
}
_MAIN: Final = frozenset(body.field for body in BODIES.values())


def find_endpoint(body: object, known: tuple[str, ...]) -> str | None:
    """The endpoint whose body this one looks like, which has a field that is not among the ``known`` ones.

    >>> find_endpoint({"venue": "okx", "positions": [{}]}, ("venue", "symbol", "position", "market", "as_of"))
    'POST /account'
    """
    if not isinstance(body, dict) or not _MAIN.intersection(known):  # no body of these
        return None
    return next((endpoint for endpoint, meant in BODIES.items() if _is_meant(meant, body)), None)


def explain_wrong_endpoint(endpoint: str) -> str:
    """The detail of a field that is unknown because the body belongs to another ``endpoint``."""
    return f"unknown field: this looks like a body of {endpoint}"


def _is_meant(meant: _Body, body: Mapping[str, object]) -> bool:
    if not isinstance(body.get(meant.field), meant.kind) or not body[meant.field]:
        return False
    return all(name == meant.field or name in meant.others for name in body)
