"""The fields of the form, in groups, each with its place in the body of ``POST /score``."""

from typing import Final, Literal

from msgspec import Struct

Kind = Literal["number", "text", "choice", "flag", "entries"]

POSITION: Final = "position"
MARKET: Final = "market"
HEDGE: Final = "hedge"
CHAIN: Final = "chain"
TOP: Final = ""


class Field(Struct, frozen=True, kw_only=True):
    """A field of the form; ``part`` is the object of the body that its value goes to, under its name there."""

    name: str
    label: str
    part: str = POSITION
    kind: Kind = "number"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def own_name(self) -> str:
        """Its name within its part of the body."""
        return self.name.removeprefix("hedge_") if self.part == HEDGE else self.name


class Group(Struct, frozen=True, kw_only=True):
    """Fields that belong together; those of a folded group are shown on demand."""

    title: str
    fields: tuple[Field, ...]
    note: str = ""
    is_folded: bool = False


_SIDES: Final = (("long", "Long"), ("short", "Short"))
_MODES: Final = (("", "not known"), ("isolated", "isolated"), ("cross", "cross"))

GROUPS: Final = (
    Group(
        title="Contract",
        fields=(
            Field(name="venue", label="Venue", part=TOP, kind="choice"),
            Field(
                name="symbol",
                label="Symbol",
                part=TOP,
                kind="text",
                hint="As the venue writes it. Its market record, if one is kept, fills in what is empty.",
            ),
        ),
    ),
    Group(
        title="Position",
        fields=(
            Field(name="side", label="Side", kind="choice", choices=_SIDES),
            Field(
                name="size",
                label="Size",
                hint="Contracts; no sign. A contract is one coin unless you say its size below.",
            ),
            Field(name="entry_price", label="Entry price"),
            Field(name="mark_price", label="Mark price", hint="The venue's, now."),
        ),
    ),
    Group(
        title="What backs it",
        note="One of margin, account equity and leverage is enough.",
        fields=(
            Field(name="margin_mode", label="Margin mode", kind="choice", choices=_MODES),
            Field(name="margin", label="Margin", hint="Without unrealized PnL."),
            Field(
                name="equity",
                label="Account equity",
                hint="Cross margin: all of it, unrealized PnL included.",
            ),
            Field(name="leverage", label="Leverage", hint="Used only without the two."),
            Field(
                name="maintenance_margin_rate",
                label="Maintenance margin rate",
                hint="A fraction: 0.01 is 1 %. It decides the liquidation price.",
            ),
        ),
    ),
    Group(
        title="Signals",
        fields=(
            Field(name="adl_meter", label="ADL meter"),
            Field(
                name="funding_rate",
                label="Funding rate",
                part=MARKET,
                hint="A fraction: 0.0012 is 0.12 %. Above 0 longs pay.",
            ),
            Field(name="liquidation_spike", label="Liquidations spiking", part=MARKET, kind="flag"),
            Field(name="thin_liquidity", label="Order books thin", part=MARKET, kind="flag"),
        ),
    ),
    Group(
        title="More about position and contract",
        is_folded=True,
        fields=(
            Field(name="maintenance_amount", label="Maintenance amount", hint="The tier's deduction (Binance: cum)."),
            Field(name="maintenance_margin", label="Maintenance margin", hint="The amount, if the venue gives it."),
            Field(name="wallet_balance", label="Wallet balance", hint="The account's, without any unrealized PnL."),
            Field(
                name="contract",
                label="Contract settles in",
                kind="choice",
                choices=(("", "quote currency (linear)"), ("inverse", "base currency (inverse)")),
                hint="Empty: linear.",
            ),
            Field(
                name="contract_size",
                label="Contract size",
                hint="Empty: 1. Base coin per contract; inverse: quote per contract.",
            ),
            Field(name="settlement", label="Settlement currency", kind="text", hint="Such as USDT."),
            Field(name="lot_size", label="Lot size", part=CHAIN, hint="Smallest step of a size, contracts."),
            Field(name="funding_interval_hours", label="Hours between fundings", part=MARKET),
            Field(name="adl_meter_before", label="ADL meter, earlier", hint="An earlier reading: a rise is an alert."),
            Field(
                name="fill_price",
                label="Price of an ADL fill",
                part=CHAIN,
                hint="Where an ADL would close you; empty: the mark price.",
            ),
            Field(
                name="planned",
                label="Not open yet",
                part=CHAIN,
                kind="choice",
                choices=(("", "it is open"), ("true", "planned: how large may it be?")),
            ),
            Field(
                name="as_of",
                label="Time",
                part=TOP,
                kind="text",
                hint="UTC, such as 2026-11-18T12:00:00Z; empty: now.",
            ),
        ),
    ),
    Group(
        title="Insurance fund, order book, open interest",
        note="What stands between a fall of the price and an ADL. With a market record they fill themselves.",
        is_folded=True,
        fields=(
            Field(name="adl_trigger", label="Venue says ADL is on", part=MARKET, kind="flag"),
            Field(name="insurance_fund", label="Insurance fund", part=MARKET, hint="Its balance, settlement currency."),
            Field(name="fund_peak", label="Largest balance of the fund", part=MARKET),
            Field(
                name="adl_rating",
                label="The venue's ADL rating",
                part=MARKET,
                kind="choice",
                choices=(("", "not known"), ("low", "low"), ("medium", "medium"), ("high", "high")),
            ),
            Field(name="settles_at", label="Settled or delisted at", part=MARKET, kind="text", hint="UTC, as Time."),
            Field(name="open_interest_high", label="Open interest unusually high", part=MARKET, kind="flag"),
            Field(name="open_interest", label="Open interest", part=CHAIN, hint="Contracts of one side."),
            Field(
                name="entries",
                label="Where it was opened",
                part=CHAIN,
                kind="entries",
                hint="Prices with their shares, which sum to 1: 1950:0.2 2000:0.3 2080:0.5",
            ),
            Field(
                name="size_for_one_percent",
                label="Order book within 1 %",
                part=CHAIN,
                hint="Contracts within 1 % of the mark price, on the thinner side.",
            ),
            Field(name="volatility", label="Volatility", part=CHAIN, hint="A year, a fraction: 0.8 is 80 %."),
            Field(name="horizon_hours", label="Hours to look ahead", part=CHAIN, hint="Empty: 8."),
        ),
    ),
    Group(
        title="A hedge in the same account",
        note="A second position that the same account backs. Give the account's equity or wallet balance, and symbols.",
        is_folded=True,
        fields=(
            Field(name="hedge_symbol", label="Hedge: symbol", part=HEDGE, kind="text", hint="Empty: the same."),
            Field(
                name="hedge_side",
                label="Hedge: side",
                part=HEDGE,
                kind="choice",
                choices=(("", "no hedge"), *_SIDES),
            ),
            Field(name="hedge_size", label="Hedge: size", part=HEDGE),
            Field(name="hedge_entry_price", label="Hedge: entry price", part=HEDGE),
            Field(name="hedge_mark_price", label="Hedge: mark price", part=HEDGE, hint="Empty: the same as above."),
            Field(name="hedge_maintenance_margin_rate", label="Hedge: maintenance margin rate", part=HEDGE),
        ),
    ),
)
FIELDS: Final = {field.name: field for group in GROUPS for field in group.fields}
# Not of the position: how the answer is given (JSON instead of HTML), and the API key, which is never repeated.
FORMAT: Final = "as"
KEY: Final = "key"
