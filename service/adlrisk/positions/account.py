"""A user's account at a venue, read through ccxt with the user's own keys; it never writes or orders anything."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions import margin
from adlrisk.positions.adl_meters import (
    Raw,
    parse_binance_reading,
    parse_bitget_reading,
    parse_position_reading,
    parse_whitebit_reading,
)
from adlrisk.positions.credentials import Credentials, read_credentials
from adlrisk.positions.cross_accounts import CrossAccount, group_positions
from adlrisk.positions.exchanges import OTHER_CARDS, find_exchange
from adlrisk.positions.own_fields import complete_row
from adlrisk.positions.positions import OpenPosition, PositionContext, convert_position
from adlrisk.positions.requests.additions import add_what_is_missing
from adlrisk.positions.requests.equity import EQUITY_REQUESTS
from adlrisk.positions.requests.lists import PositionLists
from adlrisk.positions.venue_calls import AccountError, VenueCalls

_ADDRESS: Final = ("walletAddress",)
# Where reading needs less than ccxt asks for: the positions of an address are public, or only orders are signed.
_ENOUGH_TO_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "dydx": _ADDRESS,
    "extended": ("apiKey",),
    "hyperliquid": _ADDRESS,
    "pacifica": _ADDRESS,
}
# Venues where currencies need a permission that positions do not.
_PRIVATE_CURRENCIES: Final = frozenset(
    {"binance", "binance_coinm", "bingx", "blofin", "bybit", "cryptocom", "mexc", "okx"}
)
# What a request without symbols covers, where that is not everything.
_COVERAGE: Final = {
    "bingx": "linear contracts",
    "bitget": "USDT-settled contracts",
    "gate": "USDT-settled contracts",
    "htx": "linear contracts",
    "hyperliquid": "Hyperliquid's own contracts",  # not those of builders (HIP-3)
    "phemex": "USDT-settled contracts",
}
_BITGET_PRODUCTS: Final = {"USDT": "USDT-FUTURES", "USDC": "USDC-FUTURES"}


class Account:
    """An account at a venue, and its open positions."""

    def __init__(self, rules: VenueRules, exchange: Any, credentials: Credentials, *, venue: str | None = None) -> None:
        """``venue`` is the exchange's own name, for a card that stands for several."""
        self._venue = venue or rules.id
        self.coverage = _COVERAGE.get(self._venue)  # of a request without symbols; None: everything
        self._rules = rules
        self._exchange = exchange
        self._calls = VenueCalls(credentials)
        self._lists = PositionLists(self._venue, exchange, self._calls)
        self._equities: dict[str, margin.AccountEquity | None] = {}
        self._bybit_account: Raw | None = None

    @property
    def problems(self) -> list[str]:
        """What could not be read in addition to the positions."""
        return self._calls.problems

    def fetch_open_positions(self, symbols: Sequence[str] = ()) -> list[OpenPosition]:
        """All open positions, or those of ``symbols`` (ccxt's names or the venue's own ids) and what shares an account.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        self._calls.call(self._exchange.load_markets)
        names = dict.fromkeys(self._calls.call(self._exchange.market, symbol)["symbol"] for symbol in symbols)
        held = [row for row in self._complete(self._lists.fetch(names)) if row.get("contracts") != 0]
        readings = self._fetch_readings(held)
        positions = [
            self._convert(row, reading, is_requested=not names or row.get("symbol") in names)
            for row, reading in zip(held, readings, strict=True)
        ]
        return self._leave_out_other_kinds([position for position in positions if position is not None])

    def find_cross_accounts(self, held: Sequence[OpenPosition]) -> tuple[CrossAccount, ...]:
        """The margin accounts of ``held``, which are all that have been fetched."""
        return group_positions(held, equity_of=self._get_equity, not_listed=self._lists.not_listed)

    def close(self) -> None:
        """Close the connections."""
        self._exchange.session.close()

    def _complete(self, rows: Sequence[Raw]) -> Iterator[Raw]:
        added = add_what_is_missing(rows, venue=self._venue, exchange=self._exchange, calls=self._calls)
        return (complete_row(self._venue, row, self._exchange.markets.get(row.get("symbol"))) for row in added)

    def _leave_out_other_kinds(self, held: list[OpenPosition]) -> list[OpenPosition]:
        """Without contracts of a kind that has a card of its own, and a problem that says so."""
        other = OTHER_CARDS.get(self._rules.id)
        if other is None:
            return held
        kept = [one for one in held if one.position is None or one.position.contract in self._rules.contracts]
        if len(kept) < len(held):
            self.problems.append(
                f"{len(held) - len(kept)} of the positions are of the venue {other}, and were left out"
            )
        return kept

    def _convert(self, row: Raw, reading: float | None, *, is_requested: bool) -> OpenPosition | None:
        market = self._exchange.markets.get(row.get("symbol"))
        context = PositionContext(
            rules=self._rules,
            venue=self._venue,
            reading=reading,
            account_mode=self._find_account_mode(row, market),
            separate_account=self._find_separate_account(row, market),
            is_requested=is_requested,
        )
        return convert_position(row, market, context)

    def _fetch_readings(self, held: Sequence[Raw]) -> list[float | None]:
        venue = self._venue
        if not held or self._rules.meter is None:
            return [None] * len(held)
        if venue in ("binance", "binance_coinm"):
            quantiles = self._calls.try_call("the ADL readings", self._fetch_binance_quantiles) or {}
            return [parse_binance_reading(row["info"], quantiles.get(row["info"].get("symbol"))) for row in held]
        if venue == "bitget":
            ranks = self._calls.try_call("the ADL readings", lambda: self._fetch_bitget_ranks(held)) or {}
            return [parse_bitget_reading(ranks.get((row["info"].get("symbol"), row.get("side")))) for row in held]
        if venue == "whitebit":
            return [parse_whitebit_reading(row["info"], row.get("side")) for row in held]
        return [parse_position_reading(venue, row["info"]) for row in held]

    def _fetch_binance_quantiles(self) -> Mapping[str, Raw]:
        ranks = self._exchange.fetch_positions_adl_rank()
        return {rank["info"]["symbol"]: dict(rank["info"]["adlQuantile"]) for rank in ranks}

    def _fetch_bitget_ranks(self, held: Sequence[Raw]) -> Mapping[tuple[Any, Any], Raw]:
        unified = any("posSide" in row["info"] for row in held)  # v3's name for v2's holdSide
        settled = {self._exchange.markets.get(row.get("symbol"), {}).get("settle") for row in held}
        ranks: dict[tuple[Any, Any], Raw] = {}
        for product in sorted({_BITGET_PRODUCTS.get(settle, "COIN-FUTURES") for settle in settled}):
            if unified:
                answer = self._exchange.privateUtaGetV3PositionAdlRank({"category": product})
            else:
                answer = self._exchange.privateMixGetV2MixPositionAdlRank({"productType": product})
            ranks |= {(row["symbol"], row["holdSide"]): dict(row) for row in answer["data"] or ()}
        return ranks

    def _find_account_mode(self, row: Raw, market: Raw | None) -> MarginMode | None:
        if self._rules.id != "bybit":
            return None
        return margin.parse_bybit_mode(self._get_bybit_info(), raw=row["info"], linear=_is_linear(market))

    def _find_separate_account(self, row: Raw, market: Raw | None) -> str | None:
        """The name of the position's account if it is not the one whose equity is read."""
        if self._rules.id == "hyperliquid":
            return _find_builder(row["info"])
        if self._rules.id == "bybit" and not margin.is_bybit_unified(self._get_bybit_info(), linear=_is_linear(market)):
            return "classic"
        return None

    def _get_bybit_info(self) -> Raw:
        if self._bybit_account is None:
            self._bybit_account = self._calls.try_call("the account's margin mode", self._fetch_bybit_info) or {}
        return self._bybit_account

    def _fetch_bybit_info(self) -> Raw:
        return dict(self._exchange.privateGetV5AccountInfo()["result"])

    def _get_equity(self, settle: str) -> margin.AccountEquity | None:
        if settle not in self._equities:
            request = EQUITY_REQUESTS.get(self._venue)
            self._equities[settle] = request and self._calls.try_call(
                "the account's equity", lambda: request(self._exchange, settle)
            )
        return self._equities[settle]


def open_account(rules: VenueRules, *, environ: Mapping[str, str], named: str | None = None) -> Account:
    """The account whose keys are in ``environ``, at the exchange that the card was ``named`` by; sends no request yet.

    Raises:
        AccountError: positions cannot be read at this venue.
        SettingsError: keys are missing.
    """
    exchange = find_exchange(rules, named=named or rules.id)
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise AccountError(
            "ccxt is not installed; run `make .venv/collect` in the project's folder "
            "(elsewhere: `pip install 'adlrisk[collect]'`)"
        ) from None
    if not hasattr(ccxt, exchange.ccxt_id):
        raise AccountError(f"ccxt {ccxt.__version__} does not support {exchange.ccxt_id}, so positions cannot be read")
    make = getattr(ccxt, exchange.ccxt_id)
    credentials = read_credentials(_required_credentials(exchange.name, make()), venue=exchange.name, environ=environ)
    options: dict[str, Any] = {"verbose": False, "enableLastJsonResponse": True, "options": {"defaultType": "swap"}}
    if exchange.name in _PRIVATE_CURRENCIES:
        options["has"] = {"fetchCurrencies": False}
    return Account(rules, make({**credentials.values, **options}), credentials, venue=exchange.name)


def _required_credentials(venue: str, exchange: Any) -> tuple[str, ...]:
    if venue in _ENOUGH_TO_READ:
        return _ENOUGH_TO_READ[venue]
    required = [name for name, needed in exchange.requiredCredentials.items() if needed]
    if "privateKey" in required:
        raise AccountError(
            f"ccxt reads positions at {venue} with a private key that can also trade; adlrisk accepts no such key"
        )
    if not exchange.has.get("fetchPositions"):
        raise AccountError(f"ccxt cannot read the positions at {venue}")
    return tuple(required)


def _find_builder(raw: Raw) -> str | None:
    """The builder of Hyperliquid's contract ``builder:COIN``, which has a margin account of its own."""
    builder, colon, _ = str((raw.get("position") or {}).get("coin")).partition(":")
    return builder if colon else None


def _is_linear(market: Raw | None) -> bool:
    return bool((market or {}).get("linear"))
