"""A user's account at a venue, read through ccxt with the user's own keys; it never writes or orders anything."""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adlrisk.domain.position.position import Side
from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.account_requests import AccountRequests
from adlrisk.positions.fills.account_fills import AccountFills, FillsReading
from adlrisk.positions.fills.reducing_orders import ReducingOrder, fetch_reducing_orders
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.requests.credentials import Credentials, read_credentials
from adlrisk.positions.requests.exchanges import find_exchange
from adlrisk.positions.requests.listed_contracts import ListedContracts
from adlrisk.positions.requests.venue_calls import AccountError, Retries, VenueCalls

if TYPE_CHECKING:
    from adlrisk.positions.readers.reader import Reader


class Account:
    """An account at a venue, to be read as often as one likes, by one thread at a time."""

    def __init__(
        self,
        rules: VenueRules,
        exchange: Any,
        credentials: Credentials,
        *,
        venue: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``venue`` is the exchange's own name, for a card that stands for several; ``clock`` counts seconds."""
        self.rules = rules
        self.venue = venue or rules.id
        self.coverage = READERS[self.venue].coverage  # of a reading without symbols; None: everything
        self._exchange = exchange
        self._credentials = credentials
        self._contracts = ListedContracts(exchange, clock=clock)
        self._fills = AccountFills(rules, exchange, venue=self.venue)

    def read(self, symbols: Sequence[str] = (), *, retries: Retries | None = None) -> AccountReading:
        """All open positions, or those of ``symbols`` (ccxt's names or the venue's own ids) and what shares an account.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        calls = self._make_calls(retries)
        requests = AccountRequests(self.rules, self._exchange, calls, venue=self.venue, contracts=self._contracts)
        held = requests.fetch_open_positions(symbols)
        accounts = requests.find_cross_accounts(held)
        self._fills.note_positions(requests.rows)
        return AccountReading(
            positions=tuple(held),
            accounts=accounts,
            is_complete=requests.is_complete,
            problems=tuple(dict.fromkeys(calls.problems)),
        )

    def read_forced_fills(
        self, since: float | None, *, wall: float | None = None, retries: Retries | None = None
    ) -> FillsReading:
        """The ADLs and liquidations of the account since ``since``; the positions have been read before.

        ``since`` is ``until`` of an earlier one, ``wall`` the time by this machine's clock (default: now). What cannot
        be read is named.
        """
        return self._fills.read(self._make_calls(retries), since=since, wall=time.time() if wall is None else wall)

    def read_reducing_orders(
        self, symbol: str, side: Side, *, retries: Retries | None = None
    ) -> tuple[ReducingOrder, ...] | None:
        """The open orders that can only reduce the position of ``side``; ``None``: they could not be read.

        ``symbol`` is the venue's own id of the contract.
        """
        calls = self._make_calls(retries)
        market = self._contracts.find(symbol)
        if market is None:
            return None
        return fetch_reducing_orders(
            self._exchange, calls, venue=self.venue, market=market, side=side, rows=self._fills.rows
        )

    def _make_calls(self, retries: Retries | None) -> VenueCalls:
        return VenueCalls(self._credentials, retries=retries, exchange=self._exchange)

    def close(self) -> None:
        """Close the connections."""
        self._exchange.session.close()


def open_account(
    rules: VenueRules, *, environ: Mapping[str, str], named: str | None = None, keys: str = "venue"
) -> Account:
    """The account at the exchange that the card was ``named`` by; sends no request yet.

    Its keys are in the variables of ``environ`` that begin with ``keys`` (``venue``: ``ADLRISK_VENUE_KEY``).

    Raises:
        AccountError: positions cannot be read at this venue.
        MissingCredentialsError: keys are missing.
        SettingsError: keys cannot be read.
    """
    named = named or rules.id
    exchange = find_exchange(rules, named=named)
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise AccountError(
            f"ccxt is not installed: run `make positions VENUE={named}` in the project's folder, which installs it; "
            f"elsewhere run `pip install 'adlrisk[positions]'`, then `adlrisk positions --venue {named}`"
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
