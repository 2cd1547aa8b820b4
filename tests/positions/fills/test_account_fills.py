"""Fills from reading to reading: since when they are asked for, by whose clock, and what is said of those not read."""

from collections.abc import Callable
from typing import Any, Final

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.fills.account_fills import AccountFills, FillsReading, read_venue_time
from adlrisk.positions.fills.every import FILL_LISTS
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import Row
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import Retries, VenueCalls
from support.positions.samples.perpetuals import perpetual

NOON: Final = 1_764_331_200.0  # 2025-11-28 12:00 UTC, by the venue's clock
DATE: Final = "Fri, 28 Nov 2025 12:00:00 GMT"
MINUTE: Final = 60.0


class Venue:
    """A stub of ccxt's exchange whose lists of fills are functions of what is asked."""

    def __init__(self, **lists: Callable[[dict[str, Any]], Any]) -> None:
        self.last_response_headers: dict[str, str] | None = {"date": DATE}
        self.has = {"fetchTime": False}
        self.lists, self.asked = lists, list[tuple[str, dict[str, Any]]]()

    def __getattr__(self, name: str) -> Any:
        if name not in self.lists:
            raise AttributeError(name)

        def ask(parameters: dict[str, Any]) -> Any:
            self.asked.append((name, parameters))
            return self.lists[name](parameters)

        return ask


def fills_of(venue: str, stub: Venue) -> AccountFills:
    return AccountFills(catalogue()[venue].rules, stub, venue=venue)


def read(fills: AccountFills, since: float | None, *, wall: float = NOON) -> FillsReading:
    return fills.read(VenueCalls(Credentials({"apiKey": "a-key-for-tests"})), since=since, wall=wall)


def order(order_id: int, *, at: float, mark: str = "adl_autoclose", quantity: str = "1") -> dict[str, Any]:
    """A forced order of Binance."""
    return {
        "orderId": order_id,
        "symbol": "BTCUSDT",
        "clientOrderId": mark,
        "side": "BUY",
        "positionSide": "BOTH",
        "executedQty": quantity,
        "avgPrice": "100",
        "updateTime": int(at * 1000),
    }


@pytest.mark.parametrize(
    ("since", "start"),
    [
        (NOON - 30 * MINUTE, NOON - 40 * MINUTE),
        (None, NOON - 10 * MINUTE),
        (NOON - 7 * 86_400, NOON - 86_400),
        (NOON + 3600, NOON - 10 * MINUTE),
    ],
    ids=["ten minutes before the last reading", "the first reading", "at most a day", "a venue's clock that went back"],
)
def test_fills_are_asked_for_since_the_last_reading(since: float | None, start: float) -> None:
    """All by the venue's clock, which its last answer has in a header, and ten minutes before for what comes late."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [])
    found = read(fills_of("binance", stub), since)
    assert stub.asked == [("fapiPrivateGetForceOrders", {"startTime": int(start * 1000), "limit": 100})]
    assert found == FillsReading(at=NOON, until=NOON)


def test_same_fill_has_the_same_id_in_each_reading() -> None:
    """It is in the overlap of two readings, and its id tells that it is known."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [order(7, at=NOON - MINUTE)])
    fills = fills_of("binance", stub)
    first, second = read(fills, None), read(fills, NOON)
    assert [one.id for one in first.closes] == [one.id for one in second.closes] == ["adl:7:BTCUSDT:short"]


def test_list_that_failed_is_read_from_where_it_was() -> None:
    """Also by another process: the cursor stays where it was, so that what it had meanwhile is found later."""
    is_down = True

    def list_adls(_: dict[str, Any]) -> Any:
        if is_down:
            raise ccxt.RequestTimeout("gate GET https://api.gate.example/x?sign=0123")
        return []

    stub = Venue(privateFuturesGetSettleAutoDeleverages=list_adls, privateFuturesGetSettleLiquidates=lambda _: [])
    fills = fills_of("gate", stub)
    fills.note_positions([Row(raw={}, market=perpetual("BTC_USDT", "BTC/USDT:USDT"))])
    first = read(fills, NOON - 60 * MINUTE)
    assert first.until is None
    reason = "api.gate.example cannot be reached: the network fails"
    assert first.unread == (f"the ADLs in USDT ({reason})", f"the ADLs in BTC ({reason})")
    assert first.problems == ()
    is_down = False
    stub.asked.clear()
    second = read(fills_of("gate", stub), NOON - 60 * MINUTE)
    assert (second.until, second.unread) == (NOON, ())
    assert {asked["from"] for _, asked in stub.asked} == {NOON - 70 * MINUTE}


def test_nothing_read_leaves_the_cursor_where_it_is() -> None:
    """Where every list fails, so that the next reading asks for the same time again."""

    def fail(_: dict[str, Any]) -> Any:
        raise ccxt.AuthenticationError("no")

    found = read(fills_of("binance", Venue(fapiPrivateGetForceOrders=fail)), NOON - MINUTE)
    assert (found.closes, found.until) == ((), None)
    assert (found.unread, found.problems) == (("the forced orders (the venue does not accept the keys)",), ())


def test_lists_are_of_contracts_that_were_held() -> None:
    """The first reading asks for all, as it does not know; later ones only for those of which positions were seen."""
    stub = Venue(
        privateMixGetV2MixOrderFillHistory=lambda _: {"data": {"fillList": []}},
    )
    fills = fills_of("bitget", stub)
    fills.note_positions([Row(raw={"holdSide": "long"}, market=perpetual("BTCUSDT", "BTC/USDT:USDT"))])
    read(fills, None)
    assert [asked["productType"] for _, asked in stub.asked] == ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"]
    stub.asked.clear()
    fills.note_positions([])  # all are gone: by an ADL, perhaps
    read(fills, NOON)
    assert [asked["productType"] for _, asked in stub.asked] == ["USDT-FUTURES"]
    stub.asked.clear()
    fills.note_positions([Row(raw={"holdSide": "long"}, market=perpetual("BTCPERP", "BTC/USDC:USDC"))])
    read(fills, NOON)
    assert [asked["productType"] for _, asked in stub.asked] == ["USDT-FUTURES", "USDC-FUTURES"]


def test_account_that_never_held_anything_is_asked_for_everything() -> None:
    """What is opened and closed by force between two readings is found too."""
    stub = Venue(privateMixGetV2MixOrderFillHistory=lambda _: {"data": {"fillList": []}})
    fills = fills_of("bitget", stub)
    read(fills, None)
    read(fills, NOON)
    assert len(stub.asked) == 6


def test_more_fills_than_can_be_read_are_said() -> None:
    """A full page may not be all; it is no reason to leave out what is on it."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [order(number, at=NOON) for number in range(100)])
    found = read(fills_of("binance", stub), NOON)
    assert len(found.closes) == 100
    assert found.problems == ("the forced orders are more than can be read at once: a forced fill may be missed",)


def test_bybit_pages_are_read_up_to_five_and_then_only_forced_ones() -> None:
    """An account with more executions than five pages is asked for ADLs and take-overs apart, which are few."""

    def list_executions(asked: dict[str, Any]) -> Any:
        if asked["category"] == "inverse":
            return {"result": {"list": [], "nextPageCursor": ""}}
        kind = asked.get("execType")
        rows = [] if kind == "BustTrade" else [execution(kind or "Trade", str(asked.get("cursor")))]
        return {"result": {"list": rows, "nextPageCursor": "" if kind else f"{len(stub.asked)}"}}

    def execution(kind: str, id_: str) -> dict[str, Any]:
        own = {"createType": "CreateByUser"} if kind == "Trade" else {}
        row = {"symbol": "BTCUSDT", "orderId": id_, "execId": f"{kind}{id_}", "execType": kind, "side": "Buy"}
        return {**row, "execQty": "1", "execPrice": "100", "execTime": str(int(NOON * 1000)), **own}

    stub = Venue(privateGetV5ExecutionList=list_executions)
    found = read(fills_of("bybit", stub), NOON)
    asked = [(one["category"], one.get("execType")) for _, one in stub.asked]
    assert asked == [("linear", None)] * 5 + [("linear", "AdlTrade"), ("linear", "BustTrade"), ("inverse", None)]
    assert [one.kind for one in found.closes] == ["adl"]
    assert "more than can be read" in found.problems[0]


def test_value_that_no_rule_knows_is_said_and_is_no_event() -> None:
    """Unknown is not own, and not forced either."""
    row = {"symbol": "XBTUSDTM", "tradeId": "1", "side": "buy", "price": "1", "size": 1, "createdAt": int(NOON * 1000)}
    stub = Venue(futuresPrivateGetFills=lambda _: {"data": {"items": [{**row, "tradeType": "unheard_of"}, row]}})
    found = read(fills_of("kucoin", stub), NOON)
    assert found.closes == ()
    assert found.problems == ("fills of an unknown kind: `tradeType` has a value that no rule knows.",)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"code": 1},
        [{"orderId": 1, "clientOrderId": "adl_autoclose"}],
        [{**order(1, at=NOON), "orderId": None}],
    ],
    ids=["nothing", "no list", "no time", "no id"],
)
def test_answer_of_another_form_is_a_problem(answer: Any) -> None:
    """Neither nothing nor an error: whether there was an ADL is not known."""
    found = read(fills_of("binance", Venue(fapiPrivateGetForceOrders=lambda _: answer)), NOON - MINUTE)
    assert (found.closes, found.until) == ((), None)
    assert found.unread == ("the forced orders (the venue's answer cannot be used)",)


def test_account_whose_fills_carry_no_mark_says_so() -> None:
    """At KuCoin the unified account's fills name the product where the futures' have the mark."""
    stub = Venue()
    fills = fills_of("kucoin", stub)
    fills.note_positions([Row(raw={"size": "1"}, market=perpetual("XBTUSDTM", "BTC/USDT:USDT"))])
    found = read(fills, NOON)
    assert (found.closes, stub.asked) == ((), [])
    assert found.problems == (
        "the fills of KuCoin's unified account carry no mark, so neither an ADL nor a liquidation is told",
    )


@pytest.mark.parametrize("venue", sorted(READERS.keys() - FILL_LISTS.keys()))
def test_venues_whose_fills_are_not_read_say_so(venue: str) -> None:
    """Never as if there were no ADLs."""
    card = catalogue()[venue].rules
    (problem,) = read(AccountFills(card, Venue(), venue=venue), NOON).problems
    assert card.name in problem
    assert problem.endswith("so neither an ADL nor a liquidation is told if it happens") or "marks no fill" in problem


def test_time_is_the_venues_own() -> None:
    """By the header of its last answer, else by its clock, else not known; never by this machine's."""
    stub = Venue(fetch_time=lambda _: 0)
    assert read_venue_time(stub) == NOON
    stub.last_response_headers = None
    assert read_venue_time(stub) is None
    stub.has["fetchTime"] = True
    stub.__dict__["fetch_time"] = lambda: int(NOON * 1000) + 1500
    assert read_venue_time(stub) == NOON + 1.5


def test_without_the_venues_time_fills_are_not_read() -> None:
    """A cursor by another clock could leave out an ADL."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [])
    stub.last_response_headers = {}
    found = read(fills_of("binance", stub), NOON)
    assert (found.until, stub.asked) == (None, [])
    assert found.unread == ("the forced orders (the venue's time is not known)",)


@pytest.mark.parametrize(("ahead", "until"), [(48 * 3600.0, NOON), (1800.0, NOON + 1800.0), (-7200.0, NOON - 7200.0)])
def test_venues_time_that_is_far_ahead_moves_nothing(ahead: float, until: float) -> None:
    """Two days in one answer would leave out two days of fills. Half an hour, or a time behind, is the venue's."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [])
    stub.last_response_headers = None
    stub.has["fetchTime"] = True
    stub.__dict__["fetch_time"] = lambda: int((NOON + ahead) * 1000)
    assert read(fills_of("binance", stub), NOON - MINUTE).until == until


@pytest.mark.parametrize("at", [NOON * 1000.0, NOON / 1000.0, NOON + 86_400.0], ids=["µs", "seconds", "tomorrow"])
def test_time_that_a_fill_cannot_have_is_now(at: float) -> None:
    """It is told, and does not make others seem old; a time within the hour is taken as it is."""
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [order(7, at=at), order(8, at=NOON + 60.0)])
    assert [one.at for one in read(fills_of("binance", stub), NOON).closes] == [NOON, NOON + 60.0]


def test_order_that_goes_on_filling_keeps_its_id() -> None:
    """With all that was filled until now: whoever knows what was told tells the rest, also the next process."""
    filled = "2"
    stub = Venue(fapiPrivateGetForceOrders=lambda _: [order(7, at=NOON, quantity=filled)])
    first = read(fills_of("binance", stub), NOON)
    filled = "8"
    second = read(fills_of("binance", stub), NOON)
    assert [(one.id, one.size) for one in (*first.closes, *second.closes)] == [
        ("adl:7:BTCUSDT:short", 2.0),
        ("adl:7:BTCUSDT:short", 8.0),
    ]


@pytest.mark.parametrize(("header", "seconds"), [("120", 120.0), ("soon", 60.0), (None, 60.0)])
def test_venue_says_for_how_long_it_wants_no_requests(header: str | None, seconds: float) -> None:
    """In a header of the answer that refuses; a minute where it does not say it."""
    stub = Venue()
    stub.last_response_headers = {} if header is None else {"retry-after": header}
    retries = Retries(sleep=lambda _: None)

    def refuse() -> None:
        raise ccxt.DDoSProtection("418")

    calls = VenueCalls(Credentials({"apiKey": "a-key-for-tests"}), retries=retries, exchange=stub)
    assert calls.try_call("it", refuse) is None
    assert retries.retry_after == seconds
