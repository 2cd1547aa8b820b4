"""docs/cross-margin.md against the service, the cards and the positions program: every figure on the page."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from adlrisk import catalogue
from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.settings import Settings
from support.curl import commands_in, send_as_curl
from support.running import ROOT, Dispatch, RunningServer

PAGE = (ROOT / "docs" / "cross-margin.md").read_text()
TEXT = " ".join(re.sub(r"```.*?```", " ", PAGE, flags=re.DOTALL).split())
PICTURE = (ROOT / "docs" / "leg-taken.svg").read_text()
CARRIES, HEDGE, ACCOUNT = commands_in(PAGE)
HEDGE_REQUEST = json.loads((ROOT / "openapi" / "examples" / "account-hedge.request.json").read_bytes())


@pytest.fixture(scope="module")
def server(servers: Callable[[Dispatch], tuple[RunningServer, httpx.Client]]) -> RunningServer:
    """The server of all tests."""
    return servers("fast")[0]


@pytest.fixture(scope="module")
def carries(server: RunningServer) -> Any:
    """The answer to the page's first command."""
    return send_as_curl(CARRIES, server).json()


@pytest.fixture(scope="module")
def hedge(server: RunningServer) -> Any:
    """The answer to the hedge."""
    return send_as_curl(HEDGE, server).json()


@pytest.fixture(scope="module")
def left(server: RunningServer) -> Any:
    """The answer to what is left of the hedge when its long has been closed at the mark, without profit."""
    return post(server, "/account", {**HEDGE_REQUEST, "positions": HEDGE_REQUEST["positions"][1:]})


@pytest.fixture(scope="module")
def larger(server: RunningServer) -> Any:
    """The answer to the larger account."""
    return send_as_curl(ACCOUNT, server).json()


def post(server: RunningServer, path: str, body: Any) -> Any:
    """The answer to ``body``."""
    return httpx.post(f"{server.url}{path}", json=body).raise_for_status().json()


def test_maintenance_margin_of_others_brings_liquidation_nearer(server: RunningServer) -> None:
    """Both liquidation prices of the example are those on the page, and those of the venue's formula by hand."""
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "margin": 5}
    position["maintenance_margin_rate"] = 0.004
    alone, shared = (
        post(server, "/score", {"venue": "okx", "position": {**position, **others}})["state"]["liquidation_price"]
        for others in ({}, {"maintenance_margin": 4.4})
    )
    assert f"a margin of 5 and a rate of 0.4 % is liquidated at {alone:.2f} if it is alone" in TEXT
    assert f"If the account's maintenance margin is 4.4, it is {shared:.2f}." in TEXT
    assert alone == pytest.approx((100 - 5) / (1 - 0.004))  # 5 + (P − 100) = 0.004 P
    assert shared == pytest.approx((100 - 5 + 4) / (1 - 0.004))  # 5 + (P − 100) = 0.004 P + 4


def test_the_position_that_carries_its_account_is_as_shown(carries: Any) -> None:
    """Leverage, bankruptcy price, key and margin are those of the answer."""
    state, key = carries["state"], carries["queue"]["priority"]
    shown = (
        f"Its effective leverage is {state['effective_leverage']:g}, its bankruptcy price "
        f"{state['bankruptcy_price']:,.0f} and its ranking key {key:.3f}, although its `margin` is "
        f"−{-state['margin']:,.0f}."
    )
    assert shown in TEXT
    assert key == pytest.approx(40_000 / 10_000 * 480 / 10_000)


def test_the_shown_part_of_the_hedge_is_the_answers(hedge: Any) -> None:
    """Everything in the page's JSON is in the answer, in its place."""
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert_within(json.loads(block), hedge)


def assert_within(shown: Any, actual: Any) -> None:
    """Assert that ``actual`` has what ``shown`` has; it may have more fields."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_within(value, actual[name])
    elif isinstance(shown, list):
        for one, other in zip(shown, actual, strict=True):
            assert_within(one, other)
    else:
        assert shown == actual


def test_the_prices_of_the_hedge_are_those_on_the_page(hedge: Any, left: Any) -> None:
    """Its long's prices, and the end of what is left, are those of the answers, and of equations by hand."""
    long, short = (leg["state"] for leg in hedge["positions"])
    (rest,) = (leg["state"] for leg in left["positions"])
    distance, price = long["liquidation_distance"], long["liquidation_price"]
    assert f"The long is liquidated at {price:,.0f}, {distance:.1%}".replace("%", " % away") in TEXT
    assert f"its bankruptcy price is {long['bankruptcy_price']:,.0f}." in TEXT
    assert "Both prices of the short are null" in TEXT
    assert (short["liquidation_price"], short["bankruptcy_price"]) == (None, None)
    open_, end = rest["notional"], rest["liquidation_price"]
    assert f"a short of {open_:,.0f} on the same 1,000, which ends at {end:,.0f}, " in TEXT
    assert f"{rest['liquidation_distance']:.1%}".replace("%", " % away.") in TEXT
    assert price == pytest.approx((1000 - 0.1 * 50_000) / (0.004 * 1.9 - 0.1))  # 1,000 + 0.1 (P − 50,000) = 0.0076 P
    assert end == pytest.approx((1000 + 45_000) / (0.9 * 1.004))  # 1,000 − 0.9 (P − 50,000) = 0.0036 P


def test_the_words_about_the_hedge_are_true(hedge: Any, left: Any) -> None:
    """Gross and net leverage, and how the net exposure changes, are those of the answers; the order is by notional."""
    (pair,) = hedge["underlyings"]
    gross, net = hedge["account"]["gross_leverage"], hedge["account"]["net_leverage"]
    assert f"is what the leverage signal of a cross leg judges, here {gross:g}×" in TEXT
    assert f"**Net leverage**, here {net:g}×" in TEXT
    assert [leg["signals"][0]["value"] for leg in hedge["positions"]] == [gross, gross]
    assert pair["if_taken"]["net_notional_after"] / pair["net_notional"] == -9.0
    assert "not shrunk, but grown ninefold and turned" in TEXT
    assert pair["if_taken"]["equity_after"] == left["account"]["equity"]
    long, short = hedge["positions"]
    assert long["signals"][4]["value"] is None
    assert (long["band"], long["queue"]["priority"]) == (short["band"], short["queue"]["priority"])
    assert long["state"]["notional"] > short["state"]["notional"]


def test_the_table_of_the_larger_account_is_the_answers(larger: Any) -> None:
    """Each row holds the leg of the request, its score and its liquidation price."""
    legs = json.loads((ROOT / "openapi" / "examples" / "account.request.json").read_bytes())["positions"]
    for leg, scored in zip(legs, larger["positions"], strict=True):
        price = scored["state"]["liquidation_price"]
        cells = (
            f"`{leg['id']}`",
            leg.get("margin_mode", "cross"),
            f"{leg['size']:g}",
            f"{leg['mark_price']:,}",
            f"{leg['adl_meter']}",
            f"{scored['score']}",
            "none" if price is None else f"{price:,.2f}",
        )
        assert f"| {' | '.join(cells)} |" in PAGE
        assert scored["score"] == scored["score_upper"]


def test_the_words_about_the_larger_account_are_true(larger: Any) -> None:
    """Its figures, and what is left of its hedge, are those of the answer."""
    figures, (btc, eth, _) = larger["account"], larger["underlyings"]
    assert (
        f"an equity of {figures['equity']:,.0f} and a maintenance margin of {figures['maintenance_margin']:,.0f}. "
        f"Gross they are {figures['gross_notional']:,.0f}, {figures['gross_leverage']:.2f} times the equity; net "
        f"{figures['net_notional']:,.0f}, as BTC is hedged but for {btc['net_notional']:,.0f} and ETH not at all."
    ) in TEXT
    assert eth["net_notional"] == btc["net_notional"] - figures["net_notional"]
    rises = f"{figures['nearest_liquidation']['rises']:.1%}".replace("%", " %")
    assert f"No fall of all marks together ends the account, a rise of {rises} does." in TEXT
    assert figures["nearest_liquidation"]["falls"] is None
    assert btc["first"] == "btc-long"
    assert (
        f"The long is first, and without it a short of {-btc['if_taken']['net_notional_after']:,.0f} is left." in TEXT
    )


def test_no_other_figure_is_on_the_page() -> None:
    """Every number in the text is a part of the sentences and rows that these tests compare, or of the requests."""
    checked = (
        "a long of 1 from 100, marked at 100, with a margin of 5 and a rate of 0.4 % is liquidated at 95.38",
        "maintenance margin is 4.4, it is 99.40.",
        "A short of 1 from 100,000, marked at 60,000",
        "leverage is 6, its bankruptcy price 70,000 and its ranking key 0.192, although its `margin` is −30,000",
        "A long of 1 BTC and a short of 0.9, both from 50,000 and marked there, with a balance of 1,000,",
        "liquidated at 43,290, 13.4 % away",
        "bankruptcy price is 40,000.",
        "judges, here 95×",
        "**Net leverage**, here 5×",
        "a short of 45,000 on the same 1,000, which ends at 50,907, 1.8 % away",
        "with a balance of 10,000:",
        "equity of 15,800 and a maintenance margin of 552. Gross they are 138,000, 8.73 times the equity; net 42,000,",
        "but for 12,000",
        "a rise of 82.2 %",
        "with its profit of 10 %",
        "a short of 48,000 is left",
        "1 to 1,000 legs, in a body of 1 MiB",
        "0 or below is insolvent",
        "while the status is 200",
        "If that is 0 or less",
        "against sizes and prices, to 5 %",
        "such as 0.01 for 100 contracts at `okx`",
        "only while `isoEq` is 0.",
        "no fall to 0 (no",
        "bear its fall to 0.",
        "an equity of 0 or less",
    )
    prose = re.sub(r"```.*?```|^\| `(?:btc|eth|sol)-[^\n]*", " ", PAGE, flags=re.DOTALL | re.MULTILINE)
    rest = " ".join(prose.split())
    for sentence in checked:
        assert sentence in rest, sentence
        rest = rest.replace(sentence, "")
    rest = re.sub(r"`[^`]*`|\]\([^)]*\)", "", rest)
    assert re.findall(r"\d\S*", rest) == []


def test_the_figures_of_requests_are_those_on_the_page() -> None:
    """The words before each command tell its request."""
    long, short = HEDGE_REQUEST["positions"]
    assert (long["size"], short["size"], HEDGE_REQUEST["wallet_balance"]) == (1, 0.9, 1000)
    assert {leg[name] for leg in (long, short) for name in ("entry_price", "mark_price")} == {50_000}
    larger = json.loads((ROOT / "openapi" / "examples" / "account.request.json").read_bytes())
    assert (larger["venue"], larger["wallet_balance"]) == ("binance", 10_000)
    carries = json.loads(re.findall(r"-d '(.*)'", CARRIES)[0])["position"]
    assert (carries["size"], carries["entry_price"], carries["mark_price"]) == (1, 100_000, 60_000)
    assert carries["wallet_balance"] == carries["equity"]  # so the others have lost what it has gained


def test_the_bounds_are_those_of_the_schema_and_the_settings() -> None:
    """The number of legs and the size of the body are those on the page."""
    legs = AccountRequest.__annotations__["positions"].__metadata__[0]
    assert (legs.min_length, legs.max_length) == (1, 1000)
    assert Settings().max_account_bytes == 1 << 20


def test_the_venues_on_the_page_are_those_of_the_cards() -> None:
    """Those whose ranking uses the wallet balance, and those that fill at the mark price."""
    rules = [venue.rules for venue in catalogue().values()]
    by_wallet = [card.id for card in rules if card.ranking.formula == "profit_times_margin_ratio"]
    at_mark = [card.id for card in rules if card.execution.price == "mark"]
    assert f"In `POST /score` only the ranking of {join(by_wallet)} uses it;" in TEXT
    assert f"fill at the mark price: everywhere but at {join(at_mark)}." in TEXT
    assert {card.maintenance_basis for card in rules} <= {"mark", "entry"}


def join(names: list[str]) -> str:
    """The names as a sentence has them."""
    *others, last = [f"`{name}`" for name in sorted(names)]
    return f"{', '.join(others)} and {last}"


def test_the_fields_of_venues_are_those_that_the_positions_program_reads() -> None:
    """Each name in the table is in the program that reads accounts."""
    sources = "".join(path.read_text() for path in (ROOT / "service" / "adlrisk" / "positions").rglob("*.py"))
    section = PAGE.partition("## Where a venue's API has them")[2].partition("\n- ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")][1:]
    names = {name for row in rows for cell in row[2:] for name in re.findall(r"`(\w+)`", cell)}
    assert len(names) >= 12
    for name in names:
        assert f'"{name}"' in sources, name


@pytest.mark.parametrize(
    ("change", "null", "known"),
    [
        ({"wallet_balance": None}, ("equity", "margin_ratio", "gross_leverage"), ("maintenance_margin",)),
        ({"rate": None}, ("maintenance_margin", "margin_ratio"), ("equity", "gross_leverage")),
        ({"size": "much"}, ("equity", "gross_notional", "maintenance_margin"), ()),
    ],
    ids=["no balance", "no rate", "a leg that cannot be read"],
)
def test_what_is_unknown_is_what_the_page_says(
    server: RunningServer, change: dict[str, Any], null: tuple[str, ...], known: tuple[str, ...]
) -> None:
    """Without a balance, a rate or a readable leg, the figures that need it are null, and no others."""
    long, short = HEDGE_REQUEST["positions"]
    if "rate" in change:
        short = {name: value for name, value in short.items() if name != "maintenance_margin_rate"}
    if "size" in change:
        short = {**short, "size": "much"}
    balance = change.get("wallet_balance", HEDGE_REQUEST["wallet_balance"])
    answer = post(server, "/account", {**HEDGE_REQUEST, "wallet_balance": balance, "positions": [long, short]})
    figures, state = answer["account"], answer["positions"][0]["state"]
    assert [figures[name] for name in null] == [None] * len(null)
    assert None not in [figures[name] for name in known]
    assert state["liquidation_price"] is None
    assert state["bankruptcy_price"] == (40_000.0 if "rate" in change else None)
    if "wallet_balance" in change:
        assert figures["missing"] == ["wallet_balance"]
    if "size" in change:
        assert answer["positions"][1]["status"] == 400


def test_sent_figures_leave_unknown_only_what_needs_the_unreadable_leg(server: RunningServer) -> None:
    """With equity and maintenance margin the sums and the prices of its symbol are unknown, and nothing else."""
    legs = [
        *HEDGE_REQUEST["positions"],
        {**HEDGE_REQUEST["positions"][0], "id": "other", "symbol": "ETH-USDT-SWAP"},
        {**HEDGE_REQUEST["positions"][0], "id": "unreadable", "symbol": "ETH-USDT-SWAP", "size": "much"},
    ]
    figures = {"wallet_balance": None, "equity": 1000, "maintenance_margin": 700}
    answer = post(server, "/account", {**HEDGE_REQUEST, **figures, "positions": legs})
    account, (long, _, other, problem) = answer["account"], answer["positions"]
    assert problem["status"] == 400
    assert (account["gross_notional"], account["net_notional"]) == (None, None)
    assert (account["margin_ratio"], account["margin_free"]) == (0.7, 300.0)
    assert long["state"]["bankruptcy_price"] == 40_000.0
    assert (other["state"]["bankruptcy_price"], other["state"]["liquidation_price"]) == (None, None)


def test_the_leverage_signal_of_an_insolvent_account_fires(server: RunningServer) -> None:
    """With an equity of 0 its ratios are null, and the signal has fired."""
    answer = post(server, "/account", {**HEDGE_REQUEST, "wallet_balance": 0})
    assert (answer["account"]["margin_ratio"], answer["account"]["gross_leverage"]) == (None, None)
    assert [leg["signals"][0]["fired"] for leg in answer["positions"]] == [True, True]


def test_isolated_legs_are_no_part_of_the_account(server: RunningServer) -> None:
    """An isolated short beside the hedge changes no figure of the account, and counts in its underlying."""
    isolated = {**HEDGE_REQUEST["positions"][1], "id": "isolated", "margin_mode": "isolated", "margin": 9000}
    before = post(server, "/account", HEDGE_REQUEST)
    after = post(server, "/account", {**HEDGE_REQUEST, "positions": [*HEDGE_REQUEST["positions"], isolated]})
    assert after["account"] == before["account"]
    assert after["underlyings"][0]["net_notional"] == before["underlyings"][0]["net_notional"] - 45_000.0
    assert after["positions"][2]["state"]["margin"] == 9000.0


def test_a_smaller_maintenance_margin_scales_the_legs_down(server: RunningServer) -> None:
    """With half of the sum of the legs, the long's liquidation price is the one of half the rate."""
    answer = post(server, "/account", {**HEDGE_REQUEST, "maintenance_margin": 190})
    price = answer["positions"][0]["state"]["liquidation_price"]
    assert price == pytest.approx((1000 - 0.1 * 50_000) / (0.002 * 1.9 - 0.1))


def test_the_picture_shows_the_answers(hedge: Any, left: Any) -> None:
    """The exposures and prices in the picture are those of the service, before and after; each is there once."""
    assert "](leg-taken.svg)" in PAGE
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", PICTURE)
    (pair,) = hedge["underlyings"]
    notionals = [leg["state"]["notional"] for leg in hedge["positions"]]
    after = pair["if_taken"]["net_notional_after"]
    bars = [notionals[0], -notionals[1], pair["net_notional"], 0.0, -left["positions"][0]["state"]["notional"], after]
    shown = [f"{amount:+,.0f}".replace("-", "−") if amount else "0" for amount in bars]
    assert [text for text in texts if re.fullmatch(r"[+−][\d,]+|0", text)][: len(bars)] == shown
    for answer, sign in ((hedge, "−"), (left, "+")):
        state = answer["positions"][0]["state"]
        assert texts.count(f"{state['liquidation_price']:,.0f}") == 1
        assert texts.count(f"{sign}{100 * state['liquidation_distance']:.1f} %") == 1
    assert f"after the {pair['first']} is taken, filled at mark" in texts
    released = left["account"]["margin_free"] - hedge["account"]["margin_free"]
    assert released == hedge["account"]["maintenance_margin"] - left["account"]["maintenance_margin"]
    assert f"of the {pair['first']} released: +{released:,.0f}" in texts
    (settled,) = {leg["settlement"] for leg in HEDGE_REQUEST["positions"]}
    assert [text for text in texts if f", {settled}" in text] == [
        f"exposure at the mark price, {settled} (negative: short)",
        f"equity less maintenance margin, {settled}; liquidation at 0",
    ]
