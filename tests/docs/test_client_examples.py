"""The examples of the client, run against the shipped service and, the bot, a fake venue that checks signatures."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from adlrisk.api.endpoints.score.schema import BriefScore
from adlrisk.client import AsyncClient, Client
from support.positions.fake_account import (
    KEY,
    OKX,
    PASSPHRASE,
    SECRET,
    FakeAccount,
    build_okx_hedge,
    okx_accepts,
)
from support.positions.pointed import pointed_at
from support.running import ADMIN_KEY, ROOT, WRITABLE, load_script
from support.serve_process import ServeProcess

FOLDER = ROOT / "docs" / "examples"
EQUITY = {"code": "0", "data": [{"adjEq": "", "details": [{"ccy": "USDT", "eq": "30000", "isoEq": "0"}]}]}
STRESS: dict[str, Any] = {"funding_rate": 0.003, "funding_interval_hours": 8, "liquidation_spike": True}


@pytest.fixture(scope="module")
def bot() -> ModuleType:
    return load_script(FOLDER / "bot.py")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shipped service, which stores market records."""
    log = tmp_path_factory.mktemp("service") / "log"
    settings = {"ADLRISK_ADMIN_KEYS": WRITABLE.admin_keys}
    with ServeProcess(log, settings) as process:
        yield process.url


@pytest.fixture
def stressed(service: str) -> Iterator[str]:
    """The service with a market record of the contract under stress, so that its longs are likely to be taken."""
    with Client(service, api_key=ADMIN_KEY) as operator:
        operator.put_market("okx", "BTC-USDT-SWAP", **STRESS, ttl_seconds=3600)
        yield service
        operator.put_market("okx", "BTC-USDT-SWAP", funding_rate=0.0, ttl_seconds=1)


@pytest.fixture
def venue() -> Iterator[FakeAccount]:
    with FakeAccount(OKX, okx_accepts) as account, pointed_at(account.url):
        yield account


class NoMoreTimeError(Exception):
    """Ends the bot's loop."""


def run(
    bot: ModuleType, service: str, *options: str, monkeypatch: pytest.MonkeyPatch, looks: int = 1, orders: Any = None
) -> None:
    """The bot as a program, for so many looks; orders go to ``orders`` in place of the venue."""
    left = [None] * (looks - 1)

    def wait(_: float) -> None:
        if not left:
            raise NoMoreTimeError
        left.pop()

    for name, value in (("KEY", KEY), ("SECRET", SECRET), ("PASSWORD", PASSPHRASE)):
        monkeypatch.setenv(f"OKX_{name}", value)
    monkeypatch.setattr(sys, "argv", ["bot.py", "--service", service, *options])
    monkeypatch.setattr(bot, "time", type("Clock", (), {"sleep": staticmethod(wait), "time": time.time}))
    if orders is not None:
        monkeypatch.setattr(bot.ccxt.okx, "create_order", lambda _, *given, **named: orders.append((given, named)))
    with pytest.raises(NoMoreTimeError):
        bot.main()


def test_examples_are_short() -> None:
    """The bot has at most 80 lines."""
    assert len((FOLDER / "bot.py").read_text().splitlines()) <= 80


def test_bot_prints_each_position(
    bot: ModuleType, service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hedge: each leg with its range and what to do, as the account's answer has it."""
    with FakeAccount(build_okx_hedge(), okx_accepts) as account, pointed_at(account.url):
        run(bot, service, monkeypatch=monkeypatch)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("BTC-USDT-SWAP long: 4 to 8 of 10. ")
    assert second.startswith("ETH-USDT-SWAP short: 0 to 4 of 10. ")


@pytest.mark.parametrize("is_to_act", [False, True])
def test_bot_acts_only_when_it_is_told_to(
    bot: ModuleType,
    stressed: str,
    venue: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    is_to_act: bool,
) -> None:
    """Dry by default; what it orders is the least that the plan says, reduce-only, on the other side."""
    account = {**OKX["/api/v5/account/positions"]}
    row = {**account["data"][0], "pos": "100", "avgPx": "50000", "markPx": "60000", "upl": "10000", "adl": "4"}
    venue.answers["/api/v5/account/positions"] = {**account, "data": [row]}
    venue.answers["/api/v5/account/balance"] = json.loads(json.dumps(EQUITY).replace("30000", "10500"))
    orders: list[Any] = []
    run(bot, stressed, *(["--act"] if is_to_act else []), monkeypatch=monkeypatch, orders=orders)
    scored, done = capsys.readouterr().out.splitlines()
    assert scored.startswith("BTC-USDT-SWAP long: ")
    if not is_to_act:
        assert done.startswith("  would sell ")
        assert orders == []
        return
    ((symbol, kind, side, amount), named) = orders[0]
    assert done == f"  sell {amount:g} of BTC/USDT:USDT, reduce-only"
    assert (symbol, kind, side) == ("BTC/USDT:USDT", "market", "sell")
    assert 0 < amount <= 100
    assert amount == int(amount)
    assert named == {"params": {"reduceOnly": True, "tdMode": "cross"}}
    assert len(orders) == 1


def test_what_the_bot_cannot_read_is_unknown(
    bot: ModuleType, service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A leg without a mark price is named, and the other one is not scored as if it were alone in the account."""
    answers = build_okx_hedge(short_mark="")
    with FakeAccount(answers, okx_accepts) as account, pointed_at(account.url):
        run(bot, service, monkeypatch=monkeypatch)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("BTC-USDT-SWAP long: ")
    assert second.startswith("ETH-USDT-SWAP short: UNKNOWN, ")


def test_bot_goes_on_after_a_failure(
    bot: ModuleType,
    service: str,
    venue: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A venue that does not answer is told as unknown; the next look is as usual."""
    whole = venue.answers.pop("/api/v5/account/positions")
    fetch = bot.ccxt.okx.fetch_positions

    def fetch_then_mend(self: Any) -> Any:
        try:
            return fetch(self)
        finally:
            venue.answers["/api/v5/account/positions"] = whole

    monkeypatch.setattr(bot.ccxt.okx, "fetch_positions", fetch_then_mend)
    run(bot, service, monkeypatch=monkeypatch, looks=2)
    failed, scored = capsys.readouterr().out.splitlines()
    assert failed.startswith("UNKNOWN: ")
    assert scored.startswith("BTC-USDT-SWAP long: ")


def test_market_maker_chooses_among_500(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them in one request; what it leaves in the book would be low at worst, scored in full too."""
    example = load_script(FOLDER / "market_maker.py")
    candidates = example.draw(500, seed=1)

    async def choose() -> tuple[list[Any], int, list[Any]]:
        async with AsyncClient(service) as client:
            chosen, refused = await example.choose(client, candidates)
            return chosen, refused, await asyncio.gather(*(example.score_in_full(client, one) for one in chosen[:20]))

    chosen, refused, answers = asyncio.run(choose())
    assert 0 < len(chosen) < 500
    assert refused == 0
    assert len({one.id for one in candidates}) == 500
    assert {answer.band_upper for answer in answers} == {"low"}
    distances = [answer.state.liquidation_distance for answer in answers]
    assert distances == sorted(distances, reverse=True)
    asyncio.run(example.main(service))
    assert capsys.readouterr().out.startswith(f"{len(chosen)} of 500 may rest, 0 cannot be scored; the best:\n")


def test_market_maker_takes_unknown_for_what_it_is() -> None:
    """A score that may be high, an alert, or a near liquidation keeps a quote from resting."""
    example = load_script(FOLDER / "market_maker.py")
    given: dict[str, Any] = {
        "score": 0, "score_upper": 2, "band": "low", "band_upper": "low", "standing": "back", "danger": "none",
        "alerts": (), "liquidation_price": None,
    }  # fmt: skip
    assert example.may_rest(BriefScore(**given))
    for worse in ({"band_upper": "watch"}, {"danger": "liquidation"}, {"alerts": ("adl_trigger",)}):
        assert not example.may_rest(BriefScore(**{**given, **worse}))
