"""The requests of one reading of an account, through ccxt; nothing is ever written or ordered."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions.conversion import convert_position
from adlrisk.positions.cross_accounts import CrossAccount, group_positions
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.passed_liquidation import leave_out_shared_prices
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Row
from adlrisk.positions.requests.exchanges import OTHER_CARDS
from adlrisk.positions.requests.listed_contracts import ListedContracts
from adlrisk.positions.requests.position_lists import PositionLists, agree_on_marks
from adlrisk.positions.requests.venue_calls import VenueCalls

_NO_MARKET: Final[Raw] = {}


class AccountRequests:
    """What one reading asks a venue; each reading has its own, so that nothing of the last one is kept."""

    def __init__(
        self,
        rules: VenueRules,
        exchange: Any,
        calls: VenueCalls,
        *,
        venue: str | None = None,
        contracts: ListedContracts | None = None,
    ) -> None:
        """``venue`` is the exchange's own name, for a card that stands for several."""
        self._rules = rules
        self._exchange = exchange
        self._reader = READERS[venue or rules.id]
        self._calls = calls
        self._contracts = contracts or ListedContracts(exchange)
        self._lists = PositionLists(self._reader, exchange, self._calls)
        self.rows: Sequence[Row] = ()  # all that are open, once they are fetched
        self._account: Raw = {}
        self._equities: dict[str, AccountEquity | None] = {}

    @property
    def problems(self) -> list[str]:
        """What could not be read in addition to the positions."""
        return self._calls.problems

    @property
    def is_complete(self) -> bool:
        """Whether the positions that were fetched are surely all of the account."""
        return self._lists.not_listed is None

    def fetch_open_positions(self, symbols: Sequence[str] = ()) -> list[OpenPosition]:
        """All open positions, or those of ``symbols`` (ccxt's names or the venue's own ids) and what shares an account.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        self._contracts.load(self._calls)
        names = dict.fromkeys(self._calls.call(self._exchange.market, symbol)["symbol"] for symbol in symbols)
        listed = self._lists.fetch(names)
        if self._contracts.lacks_any(listed) and self._contracts.load_again(self._calls):
            listed = self._lists.fetch(names)
        self.rows = self._complete(listed)
        held = []
        for row, found in zip(listed, self.rows, strict=True):
            name = str(row.get("symbol"))
            one = convert_position(
                found, name=name, reader=self._reader, rules=self._rules, is_requested=not names or name in names
            )
            if one is not None:
                held.append(one)
        return leave_out_shared_prices(agree_on_marks(self._leave_out_other_kinds(held)))

    def find_cross_accounts(self, held: Sequence[OpenPosition]) -> tuple[CrossAccount, ...]:
        """The margin accounts of ``held``, which are all that have been fetched."""
        return group_positions(held, equity_of=self.fetch_equity, not_listed=self._lists.not_listed)

    def fetch_equity(self, settle: str) -> AccountEquity | None:
        """The equity behind the cross positions that settle in ``settle``, all of them fetched; ``None`` if unknown."""
        fetch = self._reader.fetch_equity
        if fetch is None:
            return None
        if settle not in self._equities:
            ask = Ask(settle=settle, account=self._account, rows=self.rows)
            self._equities[settle] = self._calls.try_call("the account's equity", partial(fetch, self._exchange, ask))
        return self._equities[settle]

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
