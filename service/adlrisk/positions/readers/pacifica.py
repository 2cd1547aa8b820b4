"""Reader of Pacifica.

Sources: Pacifica API, "Get positions", "Get account info", "Get prices"; documentation, "Margin & Leverage",
"Spot Collateral".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_MODES: Final[Mapping[Any, MarginMode]] = {True: "isolated", False: "cross"}


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = _MODES.get(raw.get("isolated"))
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "amount"),
        entry_price=positive(raw, "entry_price"),
        mark_price=None,  # it has none of its own
        margin_mode=mode,
        # What was allocated: the account's equity counts it and the profit apart.
        margin=positive(raw, "margin") if mode == "isolated" else None,
        liquidation_price=positive(raw, "liquidation_price"),
    )


def _fetch_marks(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    answer = exchange.publicGetInfoPrices()
    return {listed["symbol"].upper(): {"mark_price": listed.get("mark")} for listed in answer["data"]}


def _fetch_equity(exchange: Any, _: Ask) -> AccountEquity | None:
    """The equity of cross positions: with spot assets as far as these count as collateral, without isolated margin."""
    account = exchange.publicGetAccount({"account": exchange.walletAddress})["data"]
    equity = number(account, "cross_account_equity")  # null where it does not apply
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        maintenance_margin=number(account, "cross_mmr"),  # an amount
        in_dollars=number(account, "spot_collateral") != 0.0,
    )


PACIFICA: Final = Reader(
    read=_read,
    additions=(Addition(what="the mark prices", fetch=_fetch_marks),),
    fetch_equity=_fetch_equity,
    credentials=("walletAddress",),  # positions are public
)
