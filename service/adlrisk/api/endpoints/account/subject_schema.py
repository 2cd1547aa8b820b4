"""Fields of requests about one position, alone or as a leg of an account, and the check that they belong together."""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, UnsetType

from adlrisk.api.endpoints.account.schema import MAX_LEGS, Leg, LegId
from adlrisk.api.endpoints.shared.fields import ALTERNATIVE_KEY, MAY_BE_LEFT_OUT
from adlrisk.domain.planning.option import Order
from adlrisk.domain.position.bounds import Positive, Signed

_MAX_ORDERS: Final = 1000
_OF_AN_ACCOUNT: Final = ("leg", "wallet_balance", "equity", "maintenance_margin", "markets")

# Added to the fields of a position alone, and to those of an account: a request has either.
OF_POSITION: Final[dict[str, Any]] = {ALTERNATIVE_KEY: "position"}
WITH_POSITION: Final[dict[str, Any]] = {ALTERNATIVE_KEY: f"position{MAY_BE_LEFT_OUT}"}
OF_ACCOUNT: Final[dict[str, Any]] = {ALTERNATIVE_KEY: "positions"}
WITH_ACCOUNT: Final[dict[str, Any]] = {ALTERNATIVE_KEY: f"positions{MAY_BE_LEFT_OUT}"}

_AS_IN_ACCOUNT: Final = Meta(description="As in `POST /account`.", extra_json_schema=WITH_ACCOUNT)

LegsGiven = Annotated[
    Annotated[list[Leg], Meta(min_length=1, max_length=MAX_LEGS)] | UnsetType,
    Meta(description="All legs of the account, as in `POST /account`.", extra_json_schema=OF_ACCOUNT),
]
LegGiven = Annotated[LegId | None, Meta(description="Id of the leg that is asked about.", extra_json_schema=OF_ACCOUNT)]
SignedOfAccount = Annotated[Signed | None, _AS_IN_ACCOUNT]
PositiveOfAccount = Annotated[Positive | None, _AS_IN_ACCOUNT]
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
