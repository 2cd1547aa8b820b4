"""An account that is read again and again with one exchange: nothing of the last reading is in the next one."""

from typing import Any

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import Account
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.listed_contracts import ListedContracts
from adlrisk.positions.requests.venue_calls import AccountError, Retries, VenueCalls
from positions.test_account import MARKETS, Stub, position_row
from support.clocks import HandClock
from support.positions.fake_account import KEY, SECRET
from support.positions.fake_venue import VENUES, Kind, OkxVenue, reads


def account_at(stub: Any, venue: str = "okx", **options: Any) -> Account:
    return Account(catalogue()[venue].rules, stub, Credentials({"apiKey": "a-key-for-tests"}), **options)


def calls(retries: Retries | None = None) -> VenueCalls:
    return VenueCalls(Credentials({"apiKey": "a-key-for-tests"}), retries=retries)


def test_each_reading_is_of_its_own_time() -> None:
    """Positions and the equity behind them are those of this reading; the last one's are not kept."""
    equities = iter(["620", "310"])
    stub = Stub(
        [position_row("okx"), position_row("okx", posSide="short")],
        privateGetAccountBalance=lambda: {"data": [{"adjEq": next(equities)}]},
    )
    account = account_at(stub)
    first = account.read()
    stub.rows = [position_row("okx", pos="1")]
    second = account.read()
    assert [len(one.positions) for one in (first, second)] == [2, 1]
    assert [one.accounts[0].backing for one in (first, second)] == [
        AccountEquity(amount=620.0),
        AccountEquity(amount=310.0),
    ]


def test_problem_is_of_the_reading_that_had_it() -> None:
    """An equity that could not be read once is no problem of the next reading."""
    answers = iter([None, {"data": [{"adjEq": "620"}]}])
    stub = Stub([position_row("okx")], privateGetAccountBalance=lambda: next(answers))
    account = account_at(stub)
    first, second = account.read(), account.read()
    assert [problem.partition(" could")[0] for problem in first.problems] == ["the account's equity"]
    assert second.problems == ()


def test_reading_says_whether_there_may_be_more() -> None:
    """A list that failed makes it incomplete, for that reading only."""
    wallet = {"result": {"list": [{"totalMarginBalance": "420"}]}}
    info = {"result": {"unifiedMarginStatus": 6, "marginMode": "REGULAR_MARGIN"}}
    stub = Stub([position_row("bybit")], privateGetV5AccountInfo=info, privateGetV5AccountWalletBalance=wallet)
    account = account_at(stub, "bybit")
    stub.failing = {"type": "option"}
    assert account.read().is_complete is False
    stub.failing = ...
    assert account.read().is_complete is True


class Listing(Stub):
    """A venue whose list of contracts grows."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        super().__init__(list(rows))
        self.listed = {"BTC/USDT:USDT": MARKETS["BTC/USDT:USDT"]}
        self.loads = 0
        self.is_down = False

    def load_markets(self, reload: bool = False) -> Any:  # noqa: FBT002 (ccxt's)
        if self.is_down:
            raise ccxt.RequestTimeout("down")
        if reload or not self.markets:
            self.loads += 1
            self.markets = dict(self.listed)
        return self.markets


def test_contracts_are_loaded_again_for_one_that_is_new() -> None:
    """A position of a contract listed since is scored; one that stays unknown asks again after an hour, not before."""
    new = position_row("okx", "BTC/USDC:USDC", mgnMode="isolated", margin="5")
    stub, clock = Listing(new), HandClock()
    contracts = ListedContracts(stub, clock=clock)
    contracts.load(calls())
    for seconds, loads in ((0.0, 1), (3599.0, 1), (3600.0, 2), (7199.0, 2), (7200.0, 3)):
        clock.seconds = seconds
        if contracts.lacks_any([new]):
            contracts.load_again(calls())
        assert stub.loads == loads


def test_position_of_a_new_contract_is_read_at_once() -> None:
    """The list is asked for again after the contracts are."""
    stub, clock = Listing(), HandClock()
    account = account_at(stub, clock=clock)
    account.read()
    stub.rows = [position_row("okx", "BTC/USDC:USDC", mgnMode="isolated", margin="5")]
    stub.listed = MARKETS
    clock.seconds = 3600.0
    (one,) = account.read().positions
    assert (one.symbol, one.not_scored_reason) == ("BTCUSDC", None)
    assert stub.requests == [None] * 3  # ccxt names a contract by those that it knows


def test_contracts_that_cannot_be_loaded_again_are_a_problem() -> None:
    """The positions are read as they are known."""
    stub, clock = Listing(position_row("okx", "BTC/USDC:USDC")), HandClock()
    contracts = ListedContracts(stub, clock=clock)
    contracts.load(calls())
    stub.is_down, clock.seconds = True, 4000.0
    asked = calls()
    assert contracts.load_again(asked) is False
    assert asked.problems[0].startswith("the contracts that are new could not be read")


def failing(*errors: Exception) -> Any:
    """A call that raises ``errors``, one after the other, and then answers."""
    left = list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "answered"

    return call


def test_passing_network_errors_are_tried_again_twice() -> None:
    """With a short wait before each; the third error is told."""
    waits: list[float] = []
    lost = ccxt.NetworkError("lost"), ccxt.RequestTimeout("late"), ccxt.ExchangeNotAvailable("503")
    assert calls(Retries(sleep=waits.append)).call(failing(*lost[:2])) == "answered"
    assert waits == [1.0, 1.0]
    with pytest.raises(AccountError, match="the venue is not available"):
        calls(Retries(sleep=waits.append)).call(failing(*lost))
    with pytest.raises(AccountError):
        calls().call(failing(lost[0]))


def test_tries_are_counted_over_a_reading() -> None:
    """A venue that fails at each call is not asked three times for each."""
    waits: list[float] = []
    asked = calls(Retries(sleep=waits.append))
    lost = ccxt.RequestTimeout("late")
    assert asked.try_call("one", failing(lost)) == asked.try_call("two", failing(lost)) == "answered"
    assert asked.try_call("three", failing(lost)) is None
    assert len(waits) == 2


@pytest.mark.parametrize(
    "error",
    [
        ccxt.RateLimitExceeded("429"),
        ccxt.DDoSProtection("418"),
        ccxt.InvalidNonce("clock"),
        ccxt.OnMaintenance("closed"),
        ccxt.AuthenticationError("key"),
        ccxt.ExchangeError("what"),
        ValueError("what"),
    ],
)
def test_errors_that_do_not_pass_at_once_are_not_tried_again(error: Exception) -> None:
    """Above all not a rate limit, which more requests make worse."""
    waits: list[float] = []
    with pytest.raises(AccountError):
        calls(Retries(sleep=waits.append)).call(failing(error))
    assert waits == []


@pytest.mark.parametrize("kind", VENUES)
def test_account_is_read_again_through_ccxt(kind: Kind) -> None:
    """What changed at the venue is in the next reading; contracts are asked for once."""
    venue = kind()
    venue.hold("short", 10)
    with reads(venue) as account:
        first = account.read()
        contracts = sum("Info" in path or "instruments" in path for path in venue.requests)
        venue.hold("short", 5)
        second = account.read()
        venue.hold("short", 0)
        third = account.read()
        assert sum("Info" in path or "instruments" in path for path in venue.requests) == contracts
    assert [[one.size for one in reading.positions] for reading in (first, second, third)] == [[10.0], [5.0], []]
    assert third.is_complete


@pytest.mark.parametrize("kind", VENUES)
def test_venue_that_is_down_is_an_error_and_comes_back(kind: Kind) -> None:
    """The same account reads on; the error names no secret."""
    venue = kind()
    venue.hold("short", 10)
    with reads(venue) as account:
        account.read()
        venue.failing = venue.DOWN
        with pytest.raises(AccountError, match="cannot be reached: it ended the connection") as raised:
            account.read()
        assert KEY not in str(raised.value)
        assert SECRET not in str(raised.value)
        venue.failing = None
        assert len(account.read().positions) == 1


def test_orders_of_a_contract_are_found_by_the_venues_id() -> None:
    """In any case of letters; of a contract that is not listed they are unknown."""
    venue = OkxVenue()
    venue.hold("short", 10)
    venue.order("buy", 10, id_="7")
    with reads(venue) as account:
        account.read()
        orders = account.read_reducing_orders("btc-usdt-swap", "short")
        assert [one.id for one in orders or ()] == ["7"]
        assert account.read_reducing_orders("BTC-USDT-SWAP", "long") == ()
        assert account.read_reducing_orders("DOGE-USDT-SWAP", "short") is None
