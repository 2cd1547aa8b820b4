"""A user's account at a venue, read through ccxt with the user's own keys; it never writes or orders anything."""

import importlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions.conversion import convert_position
from adlrisk.positions.cross_accounts import CrossAccount, group_positions
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row
from adlrisk.positions.requests.credentials import Credentials, read_credentials
from adlrisk.positions.requests.exchanges import OTHER_CARDS, find_exchange
from adlrisk.positions.requests.position_lists import PositionLists, agree_on_marks
from adlrisk.positions.requests.venue_calls import AccountError, VenueCalls

_NO_MARKET: Final[Raw] = {}


class Account:
    """An account at a venue, and its open positions."""

    def __init__(self, rules: VenueRules, exchange: Any, credentials: Credentials, *, venue: str | None = None) -> None:
        """``venue`` is the exchange's own name, for a card that stands for several."""
        self._rules = rules
        self._exchange = exchange
        self._reader = READERS[venue or rules.id]
        self.coverage = self._reader.coverage  # of a request without symbols; None: everything
        self._calls = VenueCalls(credentials)
        self._lists = PositionLists(self._reader, exchange, self._calls)
        self._rows: Sequence[Row] = ()
        self._account: Raw = {}
        self._equities: dict[str, AccountEquity | None] = {}

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
        listed = self._lists.fetch(names)
        self._rows = self._complete(listed)
        held = []
        for row, found in zip(listed, self._rows, strict=True):
            name = str(row.get("symbol"))
            one = convert_position(
                found, name=name, reader=self._reader, rules=self._rules, is_requested=not names or name in names
            )
            if one is not None:
                held.append(one)
        return agree_on_marks(self._leave_out_other_kinds(held))

    def find_cross_accounts(self, held: Sequence[OpenPosition]) -> tuple[CrossAccount, ...]:
        """The margin accounts of ``held``, which are all that have been fetched."""
        return group_positions(held, equity_of=self.fetch_equity, not_listed=self._lists.not_listed)

    def fetch_equity(self, settle: str) -> AccountEquity | None:
        """The equity behind the cross positions that settle in ``settle``, all of them fetched; ``None`` if unknown."""
        fetch = self._reader.fetch_equity
        if fetch is None:
            return None
        if settle not in self._equities:
            ask = Ask(settle=settle, account=self._account, rows=self._rows)
            self._equities[settle] = self._calls.try_call("the account's equity", partial(fetch, self._exchange, ask))
        return self._equities[settle]

    def close(self) -> None:
        """Close the connections."""
        self._exchange.session.close()

    def _complete(self, listed: Sequence[Raw]) -> list[Row]:
        """The rows with what the venue says elsewhere: of the account, and of each contract."""
        if not listed:
            return []
        extras: dict[str, dict[str, Any]] = {}
        for addition in self._reader.additions:
            found = self._calls.try_call(addition.what, partial(addition.fetch, self._exchange, listed))
            for id_, fields in (found or {}).items():
                extras.setdefault(id_, {}).update(fields)
        fetch_account = self._reader.fetch_account
        if fetch_account is not None:
            self._account = self._calls.try_call("the account's mode", partial(fetch_account, self._exchange)) or {}
        return [self._build_row(row, extras) for row in listed]

    def _build_row(self, row: Raw, extras: Mapping[str, Raw]) -> Row:
        market = self._exchange.markets.get(row.get("symbol")) or _NO_MARKET
        # In capitals: Kraken writes it in either case.
        return Row(
            raw=row["info"],
            market=market,
            account=self._account,
            extra=extras.get(str(market.get("id")).upper(), _NO_MARKET),
        )

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


def open_account(
    rules: VenueRules, *, environ: Mapping[str, str], named: str | None = None, keys: str = "venue"
) -> Account:
    """The account at the exchange that the card was ``named`` by; sends no request yet.

    Its keys are in the variables of ``environ`` that begin with ``keys`` (``venue``: ``ADLRISK_VENUE_KEY``).

    Raises:
        AccountError: positions cannot be read at this venue.
        SettingsError: keys are missing.
    """
    exchange = find_exchange(rules, named=named or rules.id)
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise AccountError(
            "ccxt is not installed: run `make positions VENUE=…` in the project's folder, or elsewhere install it with "
            "`pip install 'adlrisk[positions]'`"
        ) from None
    if not hasattr(ccxt, exchange.ccxt_id):
        raise AccountError(f"ccxt {ccxt.__version__} does not support {exchange.ccxt_id}, so positions cannot be read")
    make = getattr(ccxt, exchange.ccxt_id)
    needed = _required_credentials(exchange.name, make())
    credentials = read_credentials(needed, venue=exchange.name, environ=environ, keys=keys)
    options: dict[str, Any] = {"verbose": False, "enableLastJsonResponse": True, "options": {"defaultType": "swap"}}
    if READERS[exchange.name].private_currencies:
        options["has"] = {"fetchCurrencies": False}
    return Account(rules, make({**credentials.values, **options}), credentials, venue=exchange.name)


def _required_credentials(venue: str, exchange: Any) -> tuple[str, ...]:
    reader: Reader | None = READERS.get(venue)
    if reader is not None and reader.credentials is not None:
        return reader.credentials
    required = [name for name, needed in exchange.requiredCredentials.items() if needed]
    if "privateKey" in required:
        raise AccountError(
            f"ccxt reads positions at {venue} with a private key that can also trade; adlrisk accepts no such key"
        )
    if reader is None or not exchange.has.get("fetchPositions"):
        raise AccountError(f"ccxt cannot read the positions at {venue}")
    return tuple(required)
