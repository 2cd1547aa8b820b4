"""Forced fills of Deribit: liquidations among the user's trades, ADLs in the transaction log, by currency.

Sources: API v2, "private/get_user_trades_by_currency_and_time", "private/get_transaction_log"; LSP and ADL guide.
"""

from functools import partial
from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    ForcedKind,
    VenueFill,
    amount,
    fetch_pages,
    first_text,
    read_orders,
    reduced_by,
    settles_in,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 1000
_LOG_PAGE: Final = 250
_LINEAR: Final = ("USDC", "USDT")
_COINS: Final = ("BTC", "ETH")
_ROLES: Final[dict[str, ForcedKind]] = {"destination": "adl", "source": "liquidation"}


def _read(exchange: Any, raw: Raw, *, id_: str, listed_as: ForcedKind | None = None) -> VenueFill:
    symbol = first_text(raw, "instrument_name")
    size, contract = amount(raw, "amount"), exchange.markets_by_id.get(symbol)
    contract_size = positive(contract[0], "contractSize") if contract else None
    words = first_text(raw, "direction", "side").split()
    return VenueFill(
        raw=raw,
        id=id_,
        at=time_of(raw, "timestamp"),
        symbol=symbol,
        reduced=reduced_by(words[-1]) if words else None,  # "sell", in the log "close sell"
        size=None if size is None or contract_size is None else size / contract_size,
        price=positive(raw, "price"),
        listed_as=listed_as,
    )


def _fetch_trades(exchange: Any, ask: FillsAsk, *, currency: str) -> FillPage:
    asked = {"currency": currency, "start_timestamp": ask.since, "count": _MOST, "end_timestamp": _FAR}
    result = exchange.privateGetGetUserTradesByCurrencyAndTime(asked)["result"]

    def read(raw: Raw) -> VenueFill:
        return _read(exchange, raw, id_=first_text(raw, "trade_id"))

    return FillPage(read_orders(result["trades"], read), is_whole=not result.get("has_more"))


def _fetch_log(exchange: Any, ask: FillsAsk, *, currency: str) -> FillPage:
    """The rows of ADLs: of a row's role it is told whose leg it is."""

    def read(raw: Raw) -> VenueFill | None:
        if raw.get("type") != "ADL transfer":
            return None
        return _read(exchange, raw, id_=first_text(raw, "id"), listed_as=_ROLES.get(first_text(raw, "role")))

    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        asked = {"currency": currency, "start_timestamp": ask.since, "end_timestamp": _FAR, "count": _LOG_PAGE}
        more = {"continuation": cursor} if cursor else {}
        result = exchange.privateGetGetTransactionLog({**asked, **more})["result"]
        return read_orders(result["logs"], read), result.get("continuation")

    return fetch_pages(ask_page)


_FAR: Final = 4_102_444_800_000  # the year 2100: both lists require an end


def _list_currency(currency: str, *, has_adl: bool) -> tuple[FillList, ...]:
    trades = FillList(
        what=f"the trades in {currency}", fetch=partial(_fetch_trades, currency=currency), covers=settles_in(currency)
    )
    log = FillList(
        what=f"the transaction log in {currency}",
        fetch=partial(_fetch_log, currency=currency),
        covers=settles_in(currency),
    )
    return (trades, log) if has_adl else (trades,)


DERIBIT: Final = tuple(one for currency in _LINEAR for one in _list_currency(currency, has_adl=True))
DERIBIT_INVERSE: Final = tuple(one for currency in _COINS for one in _list_currency(currency, has_adl=False))
