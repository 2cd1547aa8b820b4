"""Lists of open positions, as the venue gives them through ccxt, and whether they may lack some."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from adlrisk.positions.cross_accounts import NOT_REQUESTED, Hidden
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.reader import Raw, Reader
from adlrisk.positions.requests.venue_calls import AccountError, VenueCalls

_PAGE: Final = 200  # the largest page where positions are paged; only the first page is requested


class PositionLists:
    """The lists of a venue's open positions."""

    def __init__(self, reader: Reader, exchange: Any, calls: VenueCalls) -> None:
        self.not_listed: Hidden | None = None  # positions that there may be besides those that were fetched
        self._reader = reader
        self._exchange = exchange
        self._calls = calls

    def fetch(self, names: Collection[str]) -> list[Raw]:
        """All open positions or, with ``names``, those of these contracts and what may share an equity with them.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        if self._reader.fetch_rows is not None:
            return self._check(self._calls.call(self._reader.fetch_rows, self._exchange))
        if not names or not self._reader.lists_by_symbol:
            return self._fetch_all()
        # One by one: some venues accept one symbol only, others none that settle differently.
        requested = [row for name in names for row in self._fetch_list([name])]
        return [*requested, *self._fetch_others(names)]

    def _fetch_others(self, names: Collection[str]) -> list[Raw]:
        if self._reader.fetch_equity is None:
            self.not_listed = NOT_REQUESTED
            return []
        try:
            rows = self._fetch_all()
        except AccountError as error:
            self._miss(f"the account's other positions could not be read: {error}")
            return []
        return [row for row in rows if row.get("symbol") not in names]

    def _fetch_all(self) -> list[Raw]:
        first, *more = self._reader.lists
        rows = self._fetch_first(first)
        for parameters in more:
            try:
                rows += self._fetch_list(None, parameters)
            except AccountError as error:
                self._miss(f"the positions of {next(iter(parameters.values()))} could not be read: {error}")
        return rows

    def _fetch_first(self, parameters: Mapping[str, Any]) -> list[Raw]:
        """The first list; where it fails or is empty, that of another kind of account, if it has any."""
        if self._reader.otherwise is None:
            return self._fetch_list(None, parameters)
        rows, failure = list[Raw](), None
        try:
            rows = self._fetch_list(None, parameters)
        except AccountError as error:
            failure = error
        if rows:
            return rows
        try:
            rows = self._fetch_list(None, self._reader.otherwise)
        except AccountError:
            if failure is not None:
                raise failure from None
        return rows

    def _fetch_list(self, names: list[str] | None, parameters: Mapping[str, Any] | None = None) -> list[Raw]:
        """One of the venue's lists in ccxt's form."""
        return self._check(self._calls.call(self._exchange.fetch_positions, names, dict(parameters or {})))

    def _check(self, rows: list[Raw]) -> list[Raw]:
        """The ``rows`` of a list, which are none also for an answer that ccxt cannot read."""
        if not rows and not _contains_list_of_rows(self._exchange.last_json_response):
            raise AccountError("the venue's answer has no list of positions, so whether any are open is not known")
        if len(rows) >= _PAGE:
            self._miss(f"{len(rows)} positions were returned at once; if there are more, name them with --symbol")
        return [{**row, "info": row["info"] if isinstance(row.get("info"), dict) else {}} for row in rows]

    def _miss(self, problem: str) -> None:
        """Report ``problem``: positions of any contract may be missing."""
        self._calls.problems.append(problem)
        self.not_listed = Hidden("the positions that could not be read", None)


def agree_on_marks(held: Sequence[OpenPosition]) -> list[OpenPosition]:
    """``held`` with one mark price for each contract: the two sides of a hedge may be marked a moment apart.

    One that contradicts other figures is not taken for the other side.
    """
    marks: dict[str, float] = {}
    for one in held:
        if one.position is not None and one.contradiction is None:
            marks.setdefault(one.market, one.position.mark_price)
    agreed = []
    for one in held:
        if one.position is None:
            agreed.append(one)
            continue
        mark = marks.setdefault(one.market, one.position.mark_price)
        agreed.append(msgspec.structs.replace(one, position=msgspec.structs.replace(one.position, mark_price=mark)))
    return agreed


def _contains_list_of_rows(answer: object) -> bool:
    """Whether the answer contains a list at any depth that is empty, or of rows; without one it has no positions."""
    if isinstance(answer, dict):
        return any(_contains_list_of_rows(value) for value in answer.values())
    return isinstance(answer, list) and all(_is_row(one) for one in answer)


def _is_row(one: object) -> bool:
    """Whether it is an object that says anything."""
    return isinstance(one, dict) and any(value not in (None, "") for value in one.values())
