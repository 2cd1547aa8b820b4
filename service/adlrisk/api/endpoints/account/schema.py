"""Structs of ``POST /account``."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import Moment, SymbolId, VenueId, settle_as_of
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.account.figures import AccountFigures
from adlrisk.domain.account.underlyings import Underlying
from adlrisk.domain.position.bounds import Positive, Signed
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import MarginMode, Position, SettlementGiven
from adlrisk.venues.catalogue import VenueRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_LEGS: Final = 1000
_OF_THE_ACCOUNT: Final = ("equity", "margin", "wallet_balance", "maintenance_margin")  # never of a cross leg

LegId = Annotated[str, Meta(min_length=1, max_length=64, description="The client's own id, unique in the account.")]
UnderlyingId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f]+\Z",
        description="What the leg is a bet on: legs of one underlying hedge each other. Default: its symbol.",
    ),
]
Settlement = Annotated[
    SettlementGiven,
    Meta(
        description="Settlement currency. All cross legs of a request settle in one: send one request per currency. "
        "Amounts in sentences name it if it is one printable word."
    ),
]


class Leg(Position, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A position in an account: `POST /score`'s, with an id and a margin mode.

    A cross leg is backed by the account, so it has no `equity`, `margin`, `wallet_balance` or `maintenance_margin` of
    its own, and `leverage` (the slider) is ignored.
    """

    id: LegId
    symbol: SymbolId | None = None
    underlying: UnderlyingId | None = None
    settlement: Settlement | None = None
    margin_mode: Annotated[
        MarginMode,
        Meta(description="`cross`: the account backs the leg; `isolated`: the leg's own margin does, as in `/score`."),
    ] = "cross"

    def __post_init__(self) -> None:
        """Reject a cross leg with figures that only the account has."""
        if self.margin_mode != "cross":
            return
        of_the_account = (self.equity, self.margin, self.wallet_balance, self.maintenance_margin)
        for name, value in zip(_OF_THE_ACCOUNT, of_the_account, strict=True):
            if value is not None:
                raise ValueError(
                    f"Contradicting field `{name}`: a cross leg has none of its own; "
                    'leave it out, or send `margin_mode` "isolated"'
                )


class _Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of a request but its positions."""

    venue: VenueId
    wallet_balance: Annotated[
        Signed | None,
        Meta(
            description="The account's balance without any unrealized PnL and without isolated margin, settlement "
            "currency. Default: equity − the unrealized PnL of the cross legs."
        ),
    ] = None
    equity: Annotated[
        Signed | None,
        Meta(
            description="What the cross legs and the balance behind them are worth, settlement currency. Default: "
            "wallet_balance + the unrealized PnL of the cross legs."
        ),
    ] = None
    maintenance_margin: Annotated[
        Positive | None,
        Meta(description="Of all cross legs together, settlement currency. Default: the sum over the legs."),
    ] = None
    markets: Annotated[
        dict[SymbolId, Market], Meta(max_length=MAX_LEGS, description="What is known about the markets, by symbol.")
    ] = {}
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar; take an aware datetime."""
        settle_as_of(self, self.as_of)


class Account(_Given, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A margin account, as the library takes it."""

    positions: Annotated[list[Leg], Meta(min_length=1, max_length=MAX_LEGS)]

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            venue: str,
            wallet_balance: float | None = None,
            equity: float | None = None,
            maintenance_margin: float | None = None,
            markets: "Mapping[str, Market]" = ...,
            as_of: "datetime | str | None" = None,
            positions: "Sequence[Leg]",
        ) -> None: ...


class AccountRequest(_Given, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A margin account: what backs its cross legs, and all its legs."""

    positions: Annotated[
        list[
            Annotated[
                msgspec.Raw,
                Meta(
                    description="Anything else yields a problem in its place.",
                    extra_json_schema={"$ref": "#/components/schemas/Leg"},
                ),
            ]
        ],
        Meta(min_length=1, max_length=MAX_LEGS, description="The legs of the account, cross and isolated."),
    ]


class ScoredLeg(ScoreAnswer, frozen=True, kw_only=True):
    """The score of a leg. What follows from the account is judged with all its legs.

    The leverage signal of a cross leg is that of the account's gross leverage, and its prices are those at which the
    account ends while all cross legs of the symbol move together; `state.effective_leverage` and `queue` are its own.
    """

    id: Annotated[str, Meta(description="Id of the leg.")]


class AccountAnswer(Struct, frozen=True, kw_only=True):
    """The account, its legs in the order of the request, and its underlyings."""

    account: AccountFigures
    positions: list[
        Annotated[
            Any,
            Meta(
                extra_json_schema={
                    "oneOf": [
                        {"$ref": "#/components/schemas/ScoredLeg"},
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                }
            ),
        ]
    ]
    underlyings: tuple[Underlying, ...]
    venue: VenueRef
    as_of: Annotated[str, Meta(description="The time the answer is for.", extra_json_schema={"format": "date-time"})]
