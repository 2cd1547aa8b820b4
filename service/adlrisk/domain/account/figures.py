"""Figures of a margin account: those that are given, and those that follow for its cross legs together."""

from typing import Annotated

from msgspec import Meta, Struct


class CommonMove(Struct, frozen=True, kw_only=True):
    """The nearest liquidation if all marks move together by the same fraction."""

    falls: Annotated[float | None, Meta(description="As all marks fall, a fraction ≤ 0; null if none before −100 %.")]
    rises: Annotated[float | None, Meta(description="As all marks rise, a fraction ≥ 0; null if none up to +100 %.")]

    @property
    def is_due(self) -> bool:
        """Whether no move is needed."""
        return self.falls == 0.0 or self.rises == 0.0


class AccountFigures(Struct, frozen=True, kw_only=True):
    """The cross legs together: amounts in settlement currency, ratios as fractions; null where unknown."""

    equity: Annotated[float | None, Meta(description="As given, or wallet_balance + the unrealized PnL of all legs.")]
    wallet_balance: Annotated[float | None, Meta(description="As given, or equity − the unrealized PnL of all legs.")]
    maintenance_margin: Annotated[float | None, Meta(description="As given, or the sum over the legs.")]
    margin_ratio: Annotated[
        float | None, Meta(description="maintenance_margin / equity, 1 is liquidation; null also at equity ≤ 0.")
    ]
    gross_notional: Annotated[float | None, Meta(description="Sum of the notionals at mark.")]
    net_notional: Annotated[
        float | None, Meta(description="Sum over underlyings of the size of long less short notional.")
    ]
    gross_leverage: Annotated[float | None, Meta(description="gross_notional / equity; null also at equity ≤ 0.")]
    net_leverage: Annotated[float | None, Meta(description="net_notional / equity; null also at equity ≤ 0.")]
    margin_free: Annotated[float | None, Meta(description="equity − maintenance_margin.")]
    nearest_liquidation: Annotated[
        CommonMove | None,
        Meta(
            description="The smallest common relative move of all marks at which equity meets maintenance margin; both "
            "0 if liquidation is due; null if unknown."
        ),
    ]
    missing: Annotated[tuple[str, ...], Meta(description="Request fields that would settle what is unknown.")]

    @property
    def nearest_move(self) -> float | None:
        """The size of the smallest common move that liquidates the account; ``None`` also if there is none."""
        nearest = self.nearest_liquidation
        moves = () if nearest is None else (nearest.falls, nearest.rises)
        return min((abs(move) for move in moves if move is not None), default=None)


class GivenFigures(Struct, frozen=True, kw_only=True):
    """What the request says of all cross legs together, settlement currency."""

    wallet_balance: float | None = None
    equity: float | None = None
    maintenance_margin: float | None = None
