"""One perpetual-futures position as its holder sees it, and the types of its fields."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import NonNegative, Positive, Rate, Signed

Side = Literal["long", "short"]
Contract = Literal["linear", "inverse"]
MaintenanceBasis = Literal["mark", "entry"]
MarginMode = Literal["isolated", "cross"]


# The fields that single positions and books share.
SideGiven = Annotated[Side, Meta(description="Direction of the position.")]
SizeGiven = Annotated[Positive, Meta(description="Contracts; base units when `contract_size` is 1. Never negative.")]
EntryGiven = Annotated[Positive, Meta(description="Average entry price, quote currency.")]
MarkGiven = Annotated[Positive, Meta(description="The venue's mark price now, quote currency.")]
EquityGiven = Annotated[
    Signed | None,
    Meta(
        description="What the whole margin account is worth, this position's unrealized PnL included, settlement "
        "currency; 0 or below is insolvent. Overrides `margin` and `leverage`."
    ),
]
MarginGiven = Annotated[
    Positive | None,
    Meta(
        description="What backs the position, settlement currency, without its own unrealized PnL. "
        "Isolated: the position's margin. Cross: account equity minus this position's unrealized PnL; where that is "
        "not above 0, send `equity`. Overrides `leverage`."
    ),
]
LeverageGiven = Annotated[
    Positive | None,
    Meta(description="Used only without `equity` and `margin`: margin = entry notional / leverage."),
]
WalletBalanceGiven = Annotated[
    Signed | None,
    Meta(
        description="The account's balance without any unrealized PnL, settlement currency. Used only by the queue "
        "formula `profit_times_margin_ratio`. Default: the margin, which is right if the account holds nothing else."
    ),
]
ContractGiven = Annotated[
    Contract, Meta(description="`linear` settles in the quote currency, `inverse` in the base currency.")
]
ContractSizeGiven = Annotated[Positive, Meta(description="Base per contract (linear) or quote per contract (inverse).")]
MaintenanceRateGiven = Annotated[
    Rate | None,
    Meta(
        description="Maintenance margin rate of the position's tier, a fraction. Default: the venue's, if it has "
        "one for all contracts; unknown: no liquidation price."
    ),
]
MaintenanceAmountGiven = Annotated[
    NonNegative,
    Meta(description="The tier's deduction from maintenance margin (Binance `cum`), settlement currency."),
]
MaintenanceMarginGiven = Annotated[
    Positive | None,
    Meta(
        description="The absolute maintenance margin if known (cross: the whole account's), settlement currency. "
        "Replaces the computed one in queue formulas; in the liquidation price, what exceeds the position's own part "
        "stands still while the price moves."
    ),
]
MaintenanceBasisGiven = Annotated[
    MaintenanceBasis | None,
    Meta(description="The value that maintenance margin is based on, at `mark` or at `entry`. Default: the venue's."),
]

SettlementGiven = Annotated[str, Meta(min_length=1, max_length=32)]


# gc=False, as on all Structs of requests and answers: they hold only numbers, strings and tuples of such Structs, so
# no reference cycle can form, and a batch of thousands triggers fewer garbage collections.
class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A perpetual-futures position as its holder sees it.

    `equity`, `margin` or `leverage` says what backs it; without any of them whatever depends on that is unknown.
    """

    side: SideGiven
    size: SizeGiven
    entry_price: EntryGiven
    mark_price: MarkGiven
    equity: EquityGiven = None
    margin: MarginGiven = None
    leverage: LeverageGiven = None
    wallet_balance: WalletBalanceGiven = None
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    maintenance_margin_rate: MaintenanceRateGiven = None
    maintenance_amount: MaintenanceAmountGiven = 0.0
    maintenance_margin: MaintenanceMarginGiven = None
    maintenance_basis: MaintenanceBasisGiven = None
    adl_meter: Annotated[
        Signed | None,
        Meta(description="The venue's ADL reading exactly as its API gives it, own scale and direction."),
    ] = None
    adl_meter_before: Annotated[
        Signed | None,
        Meta(description="An earlier reading of the same meter, so that a rise raises the alert `meter_rising`."),
    ] = None
    notional: Annotated[
        Signed | None,
        Meta(
            description="The position's value at mark as the venue's API gives it, settlement currency, with either "
            "sign. Only checked: more than 5 % off, some field is in the wrong unit, and the request is refused."
        ),
    ] = None
    unrealized_pnl: Annotated[
        Signed | None,
        Meta(
            description="Profit (+) or loss (−) as the venue's API gives it, settlement currency. Only checked: off by "
            "more than 5 % and 0.2 % of the notional, the request is refused."
        ),
    ] = None
    margin_mode: Annotated[
        MarginMode | None,
        Meta(
            description="`isolated`: the position has margin of its own; `cross`: the account backs it. Decides which "
            "actions apply; without it they say what holds for either."
        ),
    ] = None
    settlement: Annotated[
        SettlementGiven | None,
        Meta(description="Settlement currency; amounts in sentences name it if it is one printable word."),
    ] = None
    hedged: Annotated[
        bool | None,
        Meta(description="Whether an opposite position elsewhere hedges this one: then no action advises a hedge."),
    ] = None
