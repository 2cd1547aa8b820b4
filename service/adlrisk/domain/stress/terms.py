"""What a simulation goes by beside the book: rules of the venue, order book, insurance fund."""

from typing import Literal

from msgspec import Struct

from adlrisk.domain.deleverage.policies import Policy
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FormulaName
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund

FillPrice = Literal["bankruptcy", "mark"] | float


class Terms(Struct, frozen=True, kw_only=True):
    """What a simulation goes by; ``fill_price`` is settled: a rule, or a price in quote currency."""

    rules: VenueRules
    depth: Depth
    fund: Fund
    fill_price: FillPrice
    lot_size: float
    policy: Policy = "venue"
    formula: FormulaName | None = None  # in place of the venue's
    maintenance_margin_rate: float | None = None  # stands in for missing rates, before the venue's
    permanent_impact: float = 0.0
