"""docs/cross-margin.md against the service: what it says about names of legs, null, problems and ``first``."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import Row
from support.positions.fake_account import BINANCE
from support.running import ROOT, Dispatch, RunningServer, example

TEXT = " ".join((ROOT / "docs" / "cross-margin.md").read_text().split())
HEDGE = example("account-hedge.request")
LARGER = example("account.request")
LONG, SHORT = HEDGE["positions"]

Leg = Mapping[str, Any]


@pytest.fixture(scope="module")
def client(servers: Callable[[Dispatch], tuple[RunningServer, httpx.Client]]) -> httpx.Client:
    """A client of the server of all tests."""
    return servers("fast")[1]


def answer(client: httpx.Client, *legs: Leg, **given: Any) -> Any:
    """The answer to the hedge of the example with other legs, or other figures."""
    asked = {**HEDGE, "positions": legs or HEDGE["positions"], **given}
    return client.post("/account", json=asked).raise_for_status().json()


def without(leg: Leg, *names: str) -> Leg:
    return {name: value for name, value in leg.items() if name not in names}


def test_legs_without_settlement_are_added_up(client: httpx.Client) -> None:
    """Legs of two currencies are one sum if a leg does not name its own, refused if all do, and one in dollars."""
    assert "`BTCUSDT` and `BTCUSDC` are then added up as one currency" in TEXT
    assert "Different ones are refused as `mixed-settlement`" in TEXT
    assert "or name all `USD` if the account counts dollar tokens as dollars" in TEXT
    in_tether, in_circle = {**LONG, "symbol": "BTCUSDT"}, {**SHORT, "symbol": "BTCUSDC"}
    for legs in (
        (without(in_tether, "settlement"), without(in_circle, "settlement")),
        (in_tether, without(in_circle, "settlement")),
        ({**in_tether, "settlement": "USD"}, {**in_circle, "settlement": "USD"}),
    ):
        assert answer(client, *legs)["account"]["gross_notional"] == 95_000.0
    asked = {**HEDGE, "positions": [in_tether, {**in_circle, "settlement": "USDC"}]}
    refused = client.post("/account", json=asked)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "mixed-settlement")


def test_the_example_requests_name_what_their_legs_settle_in() -> None:
    """Every leg of both has the currency of its symbol."""
    for leg in (*HEDGE["positions"], *LARGER["positions"]):
        assert leg["settlement"] == "USDT"
        assert leg["settlement"] in leg["symbol"]


@pytest.mark.parametrize(
    "legs",
    [
        (LONG, without(SHORT, "symbol")),
        (without(LONG, "symbol"), without(SHORT, "symbol")),
        (LONG, {**SHORT, "symbol": "BTC-USDT-Swap"}),
        ({**LONG, "underlying": "BTC"}, SHORT),
    ],
    ids=["one without symbol", "both without symbol", "another spelling", "underlying of one"],
)
def test_a_hedge_is_lost_without_common_names(client: httpx.Client, legs: tuple[Leg, Leg]) -> None:
    """Each leg then stands alone, although nothing is refused: the net exposure is the gross one."""
    assert "a leg without it stands alone" in TEXT
    assert "on one leg only, the hedge is lost" in TEXT
    found = answer(client, *legs)
    assert [group["legs"] for group in found["underlyings"]] == [["long"], ["short"]]
    assert found["account"]["net_notional"] == found["account"]["gross_notional"] == 95_000.0


def test_legs_of_one_underlying_hedge_each_other_but_move_alone(client: httpx.Client) -> None:
    """Net figures and ``first`` are the hedge's; the long's price is the one with the other symbol standing still."""
    assert (
        "Legs of one underlying under different symbols hedge each other in net figures and `first`, "
        "but a leg's prices let only its own symbol move"
    ) in TEXT
    legs = ({**LONG, "underlying": "BTC"}, {**SHORT, "underlying": "BTC", "symbol": "BTC-USDT-261225"})
    found, hedge = answer(client, *legs), answer(client)
    assert found["account"] == hedge["account"]
    assert found["underlyings"] == [{**hedge["underlyings"][0], "underlying": "BTC"}]
    alone = (50_000 - 1000 + 180) / (1 - 0.004)  # 1,000 + (P − 50,000) = 0.004 P + 180
    assert found["positions"][0]["state"]["liquidation_price"] == pytest.approx(alone)


def test_markets_are_sent_by_symbol(client: httpx.Client) -> None:
    """What the larger example sends beside the legs is known of their symbols, and unknown without it."""
    assert "beside the legs: funding, liquidation spike and thin liquidity by symbol" in TEXT
    assert LARGER["markets"].keys() == {leg["symbol"] for leg in LARGER["positions"]}
    assert set(LARGER["markets"]["BTCUSDT"]) >= {"funding_rate", "liquidation_spike"}
    known, unknown = (
        client.post("/account", json=asked).json()["positions"] for asked in (LARGER, without(LARGER, "markets"))
    )
    assert [leg["missing"] for leg in known] == [[]] * 4
    assert [leg["missing"] for leg in unknown] == [["funding_rate", "liquidation_spike"]] * 4


def test_wallet_balance_gives_the_equity_where_that_is_left_out(client: httpx.Client) -> None:
    """It is the balance plus the PnL of the cross legs; a sent equity stands."""
    assert "also gives the equity where that is left out: balance plus unrealized PnL of the cross legs" in TEXT
    gained = {**LONG, "mark_price": 51_000}, {**SHORT, "mark_price": 51_000}
    assert answer(client, *gained)["account"]["equity"] == 1000.0 + 1000.0 - 900.0
    assert answer(client, *gained, equity=1234.0)["account"]["equity"] == 1234.0


def test_the_venues_own_figures_catch_a_forgotten_contract_size(client: httpx.Client) -> None:
    """100 contracts without their size are a problem in their place, and are 1 BTC with it."""
    assert "catch a forgotten `contract_size`, such as 0.01 for 100 contracts at `okx`" in TEXT
    contracts = {**LONG, "size": 100, "notional": 50_000, "unrealized_pnl": 0}
    (refused,) = answer(client, contracts)["positions"]
    assert (refused["status"], refused["type"].rpartition("/")[2]) == (422, "figures-disagree")
    (scored,) = answer(client, {**contracts, "contract_size": 0.01})["positions"]
    assert scored["state"]["notional"] == 50_000.0
    for off, status in ((1.04, None), (1.06, 422)):
        (checked,) = answer(client, {**LONG, "notional": off * 50_000})["positions"]
        assert checked.get("status") == status


def test_a_null_price_means_none_only_while_nothing_is_missing(client: httpx.Client) -> None:
    """The short of the hedge has none; without its rate the long's, which has one, is null too."""
    assert "is null if there is none; if `missing` of `account` is not empty, it may be unknown instead" in TEXT
    hedge, unrated = answer(client), answer(client, LONG, without(SHORT, "maintenance_margin_rate"))
    assert (hedge["account"]["missing"], hedge["positions"][1]["state"]["liquidation_price"]) == ([], None)
    assert hedge["positions"][0]["state"]["liquidation_price"] is not None
    assert unrated["account"]["missing"] == ["maintenance_margin"]
    assert unrated["positions"][0]["state"]["liquidation_price"] is None
    assert unrated["account"]["nearest_liquidation"] is None


@pytest.mark.parametrize(
    ("side", "name", "ends", "bears"), [("short", "rises", 50_399, 50_401), ("long", "falls", 49_999, 50_000)]
)
def test_the_nearest_liquidation_is_looked_for_from_0_to_double(
    client: httpx.Client, side: str, name: str, ends: float, bears: float
) -> None:
    """At double a short of 50,000 has lost 50,000 and must keep 400; at 0 a long has lost 50,000, and must keep 0."""
    assert "If only `falls` (or `rises`) is null, no fall to 0 (no rise up to double) ends the account." in TEXT
    moves = [
        answer(client, {**LONG, "side": side}, wallet_balance=balance)["account"]["nearest_liquidation"]
        for balance in (ends, bears)
    ]
    assert abs(moves[0][name]) == pytest.approx(1.0, abs=1e-4)
    assert moves[1][name] is None


def test_net_leverage_sets_shorts_off_within_an_underlying(client: httpx.Client) -> None:
    """Long 50,000 and short 45,000 of one, and a short of 30,000 of another: (5,000 + 30,000) over 1,000."""
    assert "**Gross leverage**, all notionals over equity" in TEXT
    assert "takes what is left of each underlying when shorts are set off against longs" in TEXT
    other = {**SHORT, "id": "other", "symbol": "ETH-USDT-SWAP", "size": 0.6}
    figures = answer(client, LONG, SHORT, other)["account"]
    assert (figures["gross_leverage"], figures["net_leverage"]) == (125.0, 35.0)


def test_longs_and_shorts_stand_in_separate_queues(client: httpx.Client) -> None:
    """The service ranks a book in two queues; ``first`` is the better placed leg, whatever its side."""
    assert "Longs and shorts stand in separate queues" in TEXT
    ranked = client.post("/queue/rank", json=example("queue-rank.request")).json()
    assert set(ranked["queues"]) == {"long", "short"}
    for meters, first in (((5, 1), "long"), ((1, 5), "short")):
        legs = [{**leg, "adl_meter": meter} for leg, meter in zip((LONG, SHORT), meters, strict=True)]
        assert answer(client, *legs)["underlyings"][0]["first"] == first


def test_equal_meters_leave_it_to_the_band(client: httpx.Client) -> None:
    """Both sides of the cross hedge at Binance read the same there, and the long has the higher band."""
    assert (
        "Binance's meter is the same for both sides of a cross hedge, so that the band decides: `watch` for the long, "
        "with its profit of 10 %, `low` for the short."
    ) in TEXT
    assert (
        "LONG and SHORT are then equal when both sides are held"
        in client.get("/venues/binance").json()["meter"]["trap"]
    )
    long, short, *_ = LARGER["positions"]
    assert long["adl_meter"] == short["adl_meter"]
    assert (long["unrealized_pnl"], long["notional"]) == (6000, 60_000)
    found = client.post("/account", json=LARGER).json()
    assert [leg["band"] for leg in found["positions"][:2]] == ["watch", "low"]
    assert found["underlyings"][0]["first"] == "btc-long"


def test_a_missing_rate_hides_the_keys_that_need_it(client: httpx.Client) -> None:
    """At Binance a winner has no key then, and another leg than with rates may be first."""
    assert "every ranking key that needs it (`queue` is null), so that `first` may name another leg" in TEXT
    winner = {**LONG, "symbol": "BTCUSDT", "entry_price": 49_000}
    loser = {**SHORT, "symbol": "BTCUSDT", "entry_price": 49_000}
    rated = answer(client, winner, loser, venue="binance", wallet_balance=90_000)
    legs = (without(leg, "maintenance_margin_rate") for leg in (winner, loser))
    unrated = answer(client, *legs, venue="binance", wallet_balance=90_000)
    assert rated["positions"][0]["queue"] is not None
    assert unrated["positions"][0]["queue"] is None
    assert rated["underlyings"][0]["first"] == "long" != unrated["underlyings"][0]["first"]


@pytest.mark.parametrize("change", [{"size": "much"}, {"notional": 4_500_000}], ids=["unreadable", "contradicted"])
def test_an_unreadable_leg_is_a_problem_in_its_place(client: httpx.Client, change: dict[str, Any]) -> None:
    """The request is answered; the other leg is first, but its underlying's net exposure is not known."""
    assert "it is a problem in its place, while the status is 200" in TEXT
    assert "It is left out of `first`, and `net_notional` of its underlying is null." in TEXT
    found = answer(client, LONG, {**SHORT, **change})
    assert found["positions"][1]["status"] in {400, 422}
    assert found["underlyings"][0]["first"] == "long"
    assert found["underlyings"][0]["net_notional"] is None


def test_a_leg_whose_meter_is_off_the_scale_leaves_first_unknown(client: httpx.Client) -> None:
    """It is a problem in its place and counts in the account, and no leg is named first."""
    assert (
        "its meter is off the scale: it is a problem in its place, but counts in all figures. `first` is null" in TEXT
    )
    found = answer(client, LONG, {**SHORT, "adl_meter": 99})
    assert found["positions"][1]["status"] == 422
    assert found["account"] == answer(client)["account"]
    assert found["underlyings"][0]["net_notional"] == 5000.0
    assert (found["underlyings"][0]["first"], found["underlyings"][0]["if_taken"]) == (None, None)


def test_the_fields_of_a_positions_maintenance_margin_are_those_that_the_positions_program_reads() -> None:
    """Each of the three is read as the venue's maintenance margin of a position."""
    assert (
        "maintenance margin over its notional as the rate (Binance `maintMargin`, Bybit `positionMM`, OKX `mmr`)"
        in TEXT
    )
    for venue, field in (("binance", "maintMargin"), ("bybit", "positionMM"), ("okx", "mmr")):
        row = Row(raw={field: "12.5"}, market={"linear": True}, account={"unifiedMarginStatus": 6})
        assert READERS[venue].read(row).maintenance_margin == 12.5


def test_binances_fields_are_those_of_its_answers() -> None:
    """Its tiers have the fields on the page; unrealized PnL is in an isolated position's margin, not in its wallet."""
    assert "`maintMarginRatio` and `cum` of its tier in `/fapi/v1/leverageBracket`" in TEXT
    assert {"maintMarginRatio", "cum"} <= set(BINANCE["/fapi/v1/leverageBracket"][0]["brackets"][0])
    assert "is `isolatedWallet`; `isolatedMargin` includes unrealized PnL." in TEXT
    held = BINANCE["/fapi/v3/positionRisk"][0]
    assert READERS["binance"].read(Row(raw=held, market={})).margin == float(held["isolatedWallet"])
    assert float(held["isolatedMargin"]) == float(held["isolatedWallet"]) + float(held["unRealizedProfit"])
