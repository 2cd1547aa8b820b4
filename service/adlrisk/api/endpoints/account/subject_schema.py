"""Fields of requests about one position, alone or as a leg of an account, and the check that they belong together."""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, UnsetType

from adlrisk.api.endpoints.account.schema import MAX_LEGS, Leg, LegId
from adlrisk.api.endpoints.shared.fields import ALTERNATIVE
from adlrisk.domain.planning.option import Order
from adlrisk.domain.position.bounds import Positive, Signed

_MAX_ORDERS: Final = 1000
_OF_AN_ACCOUNT: Final = ("leg", "wallet_balance", "equity", "maintenance_margin", "markets")

LegsGiven = Annotated[
    Annotated[list[Leg], Meta(min_length=1, max_length=MAX_LEGS)] | UnsetType,
    Meta(description="All legs of the account, as in `POST /account`.", extra_json_schema=ALTERNATIVE),
]
LegGiven = Annotated[LegId | None, Meta(description="With `positions`, required: id of the leg that is asked about.")]
OfAccountGiven = Annotated[Signed | None, Meta(description="With `positions`, as in `POST /account`.")]
OfAccountPositive = Annotated[Positive | None, Meta(description="With `positions`, as in `POST /account`.")]
OrdersGiven = Annotated[
    tuple[Order, ...],
    Meta(
        max_length=_MAX_ORDERS,
        description="Resting reduce-only orders; those larger than what is left of the position are listed.",
    ),
]


def reject_mixture(request: Any, *, of_one_position: tuple[str, ...]) -> None:
    """Check that ``request`` has one of `position` and `positions`, and nothing that belongs to the other.

    Raises:
        ValueError: it has not; the message names the field.
    """
    is_account = request.position is UNSET
    if is_account == (request.positions is UNSET):
        raise ValueError("Contradicting field `position`: exactly one of position and positions is needed")
    if is_account and request.leg is None:
        raise ValueError("Object missing required field `leg`: which of the positions it is about")
    for name in of_one_position if is_account else _OF_AN_ACCOUNT:
        if getattr(request, name, None) is not None:
            kind = "positions" if is_account else "position"
            raise ValueError(f"Contradicting field `{name}`: it does not go with {kind}")
