"""A user's account at a venue, read through ccxt with the user's own keys: nothing is ever written or ordered."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions import margin as backing
from adlrisk.positions.adl_meters import Raw, binance_reading, bitget_reading, told_in_position
from adlrisk.positions.credentials import Credentials, read_credentials
from adlrisk.positions.positions import OpenPosition, Surroundings, open_position

T = TypeVar("T")

# Venues that show the positions of an address to everybody.
_BY_ADDRESS: Final = frozenset({"dydx", "hyperliquid"})
# Where currencies are behind a permission of their own, that positions do not need.
_PRIVATE_CURRENCIES: Final = frozenset({"binance", "binance_coinm", "bingx", "bybit", "cryptocom", "mexc", "okx"})
# What a call without symbols asks for, where that is not all.
_ASKED_FOR: Final = {
    "bingx": "linear contracts",
    "bitget": "USDT-settled contracts",
    "bybit": "USDT-settled contracts",
    "gate": "USDT-settled contracts",
    "htx": "linear contracts",
    "hyperliquid": "Hyperliquid's own contracts",  # not those that builders deploy (HIP-3)
    "phemex": "USDT-settled contracts",
}
_PAGE: Final = 200  # the largest page of positions at venues that tell them by pages; only the first is asked for
_BITGET_PRODUCTS: Final = {"USDT": "USDT-FUTURES", "USDC": "USDC-FUTURES"}


class AccountError(Exception):
    """The account cannot be read; the message says why and holds nothing secret."""


class Account:
    """An account that can be asked for its open positions."""

    def __init__(self, rules: VenueRules, exchange: Any, credentials: Credentials) -> None:
        self.asked_for = _ASKED_FOR.get(rules.id)  # what a call without symbols covers; None: everything
        self.problems: list[str] = []  # what could not be read beside the positions
        self._rules = rules
        self._exchange = exchange
        self._credentials = credentials
        self._equities: dict[str, backing.AccountEquity | None] = {}
        self._bybit_account: Raw | None = None

    def open_positions(self, symbols: Sequence[str] = ()) -> list[OpenPosition]:
        """All that are open, or those of ``symbols``: ccxt's names or the venue's own ids.

        Raises:
            AccountError: the venue did not tell.
        """
        self._ask(self._exchange.load_markets)
        names = [self._ask(self._exchange.market, symbol)["symbol"] for symbol in symbols]
        # One by one: some take one only, others no two that settle differently.
        told = [row for name in dict.fromkeys(names) for row in self._told([name])] if names else self._told(None)
        held = [row for row in told if row.get("contracts") != 0]
        readings = self._readings(held)
        found = [self._position(row, reading) for row, reading in zip(held, readings, strict=True)]
        return [position for position in found if position is not None]

    def close(self) -> None:
        """Let go of the connections."""
        self._exchange.session.close()

    def _told(self, names: list[str] | None) -> list[Raw]:
        """The venue's positions in ccxt's words, which are empty also for an answer that ccxt cannot read."""
        rows: list[Raw] = self._ask(self._exchange.fetch_positions, names)
        if not rows and not _holds_list(self._exchange.last_json_response):
            raise AccountError("the venue's answer holds no list of positions, so whether any is open is not known")
        if len(rows) >= _PAGE:
            self.problems.append(f"{len(rows)} positions were told at once; if there are more, name them by --symbol")
        return [{**row, "info": row["info"] if isinstance(row.get("info"), dict) else {}} for row in rows]

    def _position(self, told: Raw, reading: float | None) -> OpenPosition | None:
        market = self._exchange.markets.get(told.get("symbol"))
        around = Surroundings(
            rules=self._rules,
            reading=reading,
            account_mode=self._account_mode(told, market),
            equity_of=_none_known if _has_own_margin(self._rules.id, told["info"]) else self._equity_of,
        )
        return open_position(told, market, around)

    def _readings(self, held: Sequence[Raw]) -> list[float | None]:
        venue = self._rules.id
        if not held or self._rules.meter is None:
            return [None] * len(held)
        if venue in ("binance", "binance_coinm"):
            quantiles = self._optional("the ADL readings", self._binance_quantiles) or {}
            return [binance_reading(row["info"], quantiles.get(row["info"].get("symbol"))) for row in held]
        if venue == "bitget":
            ranks = self._optional("the ADL readings", lambda: self._bitget_ranks(held)) or {}
            return [bitget_reading(ranks.get((row["info"].get("symbol"), row.get("side")))) for row in held]
        return [told_in_position(venue, row["info"]) for row in held]

    def _binance_quantiles(self) -> Mapping[str, Raw]:
        ranks = self._exchange.fetch_positions_adl_rank()
        return {rank["info"]["symbol"]: dict(rank["info"]["adlQuantile"]) for rank in ranks}

    def _bitget_ranks(self, held: Sequence[Raw]) -> Mapping[tuple[Any, Any], Raw]:
        unified = any("posSide" in row["info"] for row in held)  # v3's name of v2's holdSide
        settled = {self._exchange.markets.get(row.get("symbol"), {}).get("settle") for row in held}
        ranks: dict[tuple[Any, Any], Raw] = {}
        for product in sorted({_BITGET_PRODUCTS.get(settle, "COIN-FUTURES") for settle in settled}):
            if unified:
                told = self._exchange.privateUtaGetV3PositionAdlRank({"category": product})
            else:
                told = self._exchange.privateMixGetV2MixPositionAdlRank({"productType": product})
            ranks |= {(row["symbol"], row["holdSide"]): dict(row) for row in told["data"] or ()}
        return ranks

    def _account_mode(self, told: Raw, market: Raw | None) -> backing.MarginMode | None:
        if self._rules.id != "bybit":
            return None
        if self._bybit_account is None:
            asked = self._optional("the account's margin mode", self._bybit_info)
            self._bybit_account = asked or {}
        return backing.bybit_mode(self._bybit_account, raw=told["info"], linear=bool((market or {}).get("linear")))

    def _bybit_info(self) -> Raw:
        return dict(self._exchange.privateGetV5AccountInfo()["result"])

    def _equity_of(self, settle: str) -> backing.AccountEquity | None:
        if settle not in self._equities:
            ask = {
                "binance": self._binance_equity,
                "binance_coinm": self._binance_equity,
                "bybit": self._bybit_equity,
                "hyperliquid": self._hyperliquid_equity,
                "okx": self._okx_equity,
            }.get(self._rules.id)
            self._equities[settle] = (
                None if ask is None else self._optional("the account's equity", lambda: ask(settle))
            )
        return self._equities[settle]

    def _binance_equity(self, settle: str) -> backing.AccountEquity | None:
        if self._rules.id == "binance_coinm":
            account = self._exchange.dapiPrivateGetAccount()
            return backing.binance_equity(account, settle=settle, multi_assets=False)
        account = self._exchange.fapiPrivateV3GetAccount()
        shared = self._exchange.fapiPrivateGetMultiAssetsMargin()["multiAssetsMargin"]
        return backing.binance_equity(account, settle=settle, multi_assets=shared in (True, "true"))

    def _bybit_equity(self, _: str) -> backing.AccountEquity | None:
        return backing.bybit_equity(self._exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"}))

    def _hyperliquid_equity(self, _: str) -> backing.AccountEquity | None:
        request = {"type": "clearinghouseState", "user": self._exchange.walletAddress}
        return backing.hyperliquid_equity(self._exchange.publicPostInfo(request))

    def _okx_equity(self, settle: str) -> backing.AccountEquity | None:
        return backing.okx_equity(self._exchange.privateGetAccountBalance(), settle=settle)

    def _optional(self, what: str, ask: Callable[[], T]) -> T | None:
        """The answer, or ``None`` and a problem: positions are scored without it, and it counts as unknown."""
        try:
            return self._ask(ask)
        except AccountError as error:
            self.problems.append(f"{what} could not be read: {error}")
            return None

    def _ask(self, ask: Callable[..., T], *arguments: Any) -> T:
        """What ccxt answers.

        Its errors carry signed URLs, and answers that it does not expect end in errors of any kind; neither may
        reach a traceback.
        """
        try:
            return ask(*arguments)
        except Exception as error:  # noqa: BLE001 (see above)
            told = f"{_meaning(error)} ({type(error).__name__}: {self._credentials.scrubbed(str(error))})"
        raise AccountError(told)


def open_account(rules: VenueRules, *, environ: Mapping[str, str]) -> Account:
    """The account whose keys are in ``environ``; nothing is asked yet.

    Raises:
        AccountError: the venue's positions cannot be read.
        SettingsError: keys are missing.
    """
    if not rules.ccxt:
        raise AccountError(f"ccxt knows no {rules.name}, so its positions cannot be read")
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise AccountError(
            "ccxt is not installed; pip install '.[collect]' in the project's folder brings it"
        ) from None
    if not hasattr(ccxt, rules.ccxt[0]):
        raise AccountError(f"ccxt {ccxt.__version__} knows no {rules.ccxt[0]}, so positions cannot be read")
    make = getattr(ccxt, rules.ccxt[0])
    credentials = read_credentials(_needed(rules, make()), venue=rules.id, environ=environ)
    options: dict[str, Any] = {"verbose": False, "enableLastJsonResponse": True, "options": {"defaultType": "swap"}}
    if rules.id in _PRIVATE_CURRENCIES:
        options["has"] = {"fetchCurrencies": False}
    return Account(rules, make({**credentials.given, **options}), credentials)


def _needed(rules: VenueRules, exchange: Any) -> tuple[str, ...]:
    if rules.id in _BY_ADDRESS:
        return ("walletAddress",)
    asked = [name for name, needed in exchange.requiredCredentials.items() if needed]
    if "privateKey" in asked:
        raise AccountError(
            f"ccxt reads positions at {rules.name} with a private key that can also trade, which adlrisk does not take"
        )
    if not exchange.has.get("fetchPositions"):
        raise AccountError(f"ccxt cannot read the positions of {rules.name}")
    return tuple(asked)


def _has_own_margin(venue: str, raw: Raw) -> bool:
    """Whether it is a contract of a builder at Hyperliquid, named ``dex:COIN``, whose margin is kept apart."""
    return venue == "hyperliquid" and ":" in str((raw.get("position") or {}).get("coin"))


def _none_known(_: str) -> None:
    return None


def _holds_list(answer: object) -> bool:
    """Whether there is a list in the answer, however deep; objects alone hold no positions."""
    if isinstance(answer, dict):
        return any(_holds_list(value) for value in answer.values())
    return isinstance(answer, list)


def _meaning(error: Exception) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return next((meaning for kind, meaning in _MEANINGS.items() if kind in kinds), "the venue's answer cannot be used")


# ccxt's kinds of errors, the narrower before the wider.
_MEANINGS: Final = {
    "PermissionDenied": "the venue does not let these keys do that",
    "AuthenticationError": "the venue does not accept the keys",
    "BadSymbol": "the venue lists no such contract",
    "RateLimitExceeded": "the venue asks to wait",
    "DDoSProtection": "the venue asks to wait",
    "RequestTimeout": "the venue did not answer in time",
    "InvalidNonce": "the venue finds that this machine's clock is wrong",
    "NetworkError": "the venue cannot be reached",
}
