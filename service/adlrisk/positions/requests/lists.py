"""Lists of open positions, as the venue gives them through ccxt, and whether they may lack some."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.adl_meters import Raw, parse_number
from adlrisk.positions.cross_accounts import NOT_REQUESTED, Hidden
from adlrisk.positions.requests.equity import EQUITY_REQUESTS
from adlrisk.positions.venue_calls import AccountError, VenueCalls

# Where one account backs contracts that are listed apart: the parameters of each request but the first.
_MORE_LISTS: Final[Mapping[str, tuple[dict[str, str], ...]]] = {
    "bybit": ({"settleCoin": "USDC"}, {"subType": "inverse"}, {"type": "option"}),
}
# Where ccxt lists linear contracts only, whatever the symbol.
_LINEAR_ONLY: Final = frozenset({"xt"})
_PAGE: Final = 200  # the largest page where positions are paged; only the first page is requested


class PositionLists:
    """The lists of a venue's open positions."""

    def __init__(self, venue: str, exchange: Any, calls: VenueCalls) -> None:
        self.not_listed: Hidden | None = None  # positions that there may be besides those that were fetched
        self._venue = venue
        self._exchange = exchange
        self._calls = calls

    def fetch(self, names: Collection[str]) -> list[Raw]:
        """All open positions or, with ``names``, those of these contracts and what may share an equity with them.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        if self._venue in _LINEAR_ONLY:
            self._check_kinds(names)
        if not names:
            return _agree_on_marks(self._fetch_all())
        # One by one: some venues accept one symbol only, others none that settle differently.
        requested = [row for name in names for row in self._fetch_list([name])]
        return _agree_on_marks([*requested, *self._fetch_others(names)])

    def _check_kinds(self, names: Collection[str]) -> None:
        if any(self._exchange.markets[name].get("inverse") for name in names):
            raise AccountError(f"inverse contracts cannot be read at {self._venue}")
        if not names:
            self._calls.problems.append(f"inverse contracts cannot be read at {self._venue}, and were not requested")

    def _fetch_others(self, names: Collection[str]) -> list[Raw]:
        if self._venue not in EQUITY_REQUESTS:
            self.not_listed = NOT_REQUESTED
            return []
        try:
            rows = self._fetch_all()
        except AccountError as error:
            self._miss(f"the account's other positions could not be read: {error}")
            return []
        return [row for row in rows if row.get("symbol") not in names]

    def _fetch_all(self) -> list[Raw]:
        rows = self._fetch_list(None)
        for parameters in _MORE_LISTS.get(self._venue, ()):
            try:
                rows += self._fetch_list(None, parameters)
            except AccountError as error:
                self._miss(f"the positions of {' '.join(parameters.values())} could not be read: {error}")
        return rows

    def _fetch_list(self, names: list[str] | None, *parameters: Mapping[str, str]) -> list[Raw]:
        """One of the venue's lists in ccxt's form, which is empty also for an answer that ccxt cannot read."""
        rows: list[Raw] = self._calls.call(self._exchange.fetch_positions, names, *parameters)
        if not rows and not _contains_list(self._exchange.last_json_response):
            raise AccountError("the venue's answer has no list of positions, so whether any are open is not known")
        if len(rows) >= _PAGE:
            self._miss(f"{len(rows)} positions were returned at once; if there are more, name them with --symbol")
        return [{**row, "info": row["info"] if isinstance(row.get("info"), dict) else {}} for row in rows]

    def _miss(self, problem: str) -> None:
        """Report ``problem``: positions of any contract may be missing."""
        self._calls.problems.append(problem)
        self.not_listed = Hidden("the positions that could not be read", None)


def _agree_on_marks(rows: Sequence[Raw]) -> list[Raw]:
    """``rows`` with one mark price for each contract: the two sides of a hedge may be marked a moment apart."""
    marks: dict[object, object] = {}
    agreed = []
    for row in rows:
        mark = row.get("markPrice")
        is_readable = (parse_number(mark) or 0.0) > 0.0
        agreed.append({**row, "markPrice": marks.setdefault(row.get("symbol"), mark)} if is_readable else row)
    return agreed


def _contains_list(answer: object) -> bool:
    """Whether the answer contains a list at any depth; without one it has no positions."""
    if isinstance(answer, dict):
        return any(_contains_list(value) for value in answer.values())
    return isinstance(answer, list)
