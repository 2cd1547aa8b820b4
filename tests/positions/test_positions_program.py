"""The command ``adlrisk positions``, with the real ccxt and a fake venue that checks signatures."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner

from adlrisk import Position, ScoreRequest, score
from adlrisk.__main__ import main
from support.positions.fake_account import (
    BINANCE,
    ETHUSDT,
    KEY,
    OKX,
    PASSPHRASE,
    SECRET,
    FakeAccount,
    binance_accepts,
    build_okx_hedge,
    okx_accepts,
)
from support.positions.pointed import pointed_at
from support.running import ROOT

POINTED = str(ROOT / "tests" / "support" / "positions" / "pointed.py")
KEYS = {"ADLRISK_VENUE_KEY": KEY, "ADLRISK_VENUE_SECRET": SECRET, "ADLRISK_VENUE_PASSWORD": PASSPHRASE}
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def binance() -> Iterator[FakeAccount]:
    with FakeAccount(BINANCE, binance_accepts) as venue:
        yield venue


@pytest.fixture
def okx() -> Iterator[FakeAccount]:
    with FakeAccount(OKX, okx_accepts) as venue:
        yield venue


def run(venue: FakeAccount, *arguments: str) -> Done:
    """The result of the program in a process of its own."""
    return check_output(start([POINTED, venue.url, "positions", *arguments], KEYS))


def run_here(venue: FakeAccount, *arguments: str, keys: dict[str, str] | None = None) -> Done:
    """The same within this process, which saves the seconds that ccxt takes to import."""
    with pointed_at(venue.url):
        result = CliRunner().invoke(main, ["positions", *arguments], env=KEYS if keys is None else keys)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return check_output(Done([], result.exit_code, result.stdout, result.stderr))


def check_output(done: Done) -> Done:
    """``done``, whose output contains neither a key nor a traceback."""
    output = done.stdout + done.stderr
    for secret in (KEY, SECRET, PASSPHRASE):
        assert not any(form in output for form in (secret, quote(secret), quote_plus(secret)))
    assert "Traceback" not in output
    return done


def start(command: list[str], environ: dict[str, str]) -> Done:
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def parse_lines(done: Done) -> list[dict[str, Any]]:
    """The lines of positions, those of accounts left out."""
    return [line for line in map(json.loads, done.stdout.splitlines()) if "symbol" in line]


def parse_accounts(done: Done) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, done.stdout.splitlines()) if "account" in line]


def answer_of(line: dict[str, Any], venue: str, position: Position) -> Any:
    """The answer of ``POST /score`` to a position, at the time of the line."""
    answer = score(ScoreRequest(venue=venue, position=position, as_of=line["as_of"]))
    return {name: getattr(answer, name) for name in ("score", "score_upper", "band", "band_upper", "missing")} | {
        "leverage": answer.state.effective_leverage,
        "priority": None if answer.queue is None else answer.queue.priority,
        "fired": [signal.fired for signal in answer.signals],
    }


def score_of(line: dict[str, Any]) -> Any:
    """The same fields of a printed line."""
    return {name: line[name] for name in ("score", "score_upper", "band", "band_upper")} | {
        "missing": tuple(line["missing"]),
        "leverage": line["state"]["effective_leverage"],
        "priority": None if line["queue"] is None else line["queue"]["priority"],
        "fired": [signal["fired"] for signal in line["signals"]],
    }


def test_each_side_of_a_binance_hedge_has_its_own_meter(binance: FakeAccount) -> None:
    """The short's level is 3 and the long's 1; each line is the service's answer to these numbers.

    Short 10 ETH from 2,000 at 1,800 with 1,000 of margin: equity 3,000 and leverage 6, the meter fires; the key is
    2,000/1,000 · 90/3,000 = 0.06 (Binance's formula). Long 5 from 1,700 with 850: 9,000/1,350, the meter does not.
    """
    done = run(binance, "--venue", "binance", "--answers")
    assert (done.returncode, done.stderr) == (0, "")
    short, long = parse_lines(done)
    by_hand = {
        "short": Position(
            side="short",
            size=10,
            entry_price=2000,
            mark_price=1800,
            margin=1000,
            maintenance_margin=90,
            adl_meter=3,
        ),
        "long": Position(
            side="long", size=5, entry_price=1700, mark_price=1800, margin=850, maintenance_margin=45, adl_meter=1
        ),
    }
    for line in (short, long):
        assert (line["symbol"], line["ccxt_symbol"]) == ("ETHUSDT", "ETH/USDT:USDT")
        assert score_of(line) == answer_of(line, "binance", by_hand[line["side"]])
    assert short["state"]["effective_leverage"] == 6
    assert short["queue"]["priority"] == pytest.approx(0.06)
    assert long["state"]["effective_leverage"] == pytest.approx(9000 / 1350)
    assert [line["signals"][4]["fired"] for line in (short, long)] == [True, False]
    assert [line["signals"][4]["value"] for line in (short, long)] == [0.75, 0.25]


def test_printed_position_can_be_scored_again(binance: FakeAccount) -> None:
    """The position of a line is valid in a request, and its answer is that of the line."""
    for line in parse_lines(run_here(binance, "--venue", "binanceusdm", "--answers")):  # by its alias
        assert score_of(line) == answer_of(line, "binance", Position(**line["position"]))


def test_okx_cross_position_is_backed_by_equity_of_the_account(okx: FakeAccount) -> None:
    """One BTC from 50,000 at 60,000 in an account worth 30,000: leverage 2, of the account's own maintenance margin.

    The key is return times leverage, 0.2 · 2. All of the maintenance margin is the position's,
    0.4 % of its value: equity meets it where 30,000 + (P − 60,000) = 0.004 P, P = 30,000/0.996.
    """
    done = run_here(okx, "--venue", "okx", "--answers")
    (line,) = parse_lines(done)
    by_hand = Position(
        side="long",
        size=100,
        contract_size=0.01,
        entry_price=50000,
        mark_price=60000,
        equity=30000,
        wallet_balance=20000,
        maintenance_margin_rate=0.004,
        maintenance_margin=240,
        adl_meter=4,
        margin_mode="cross",
        settlement="USDT",
    )
    assert score_of(line) == answer_of(line, "okx", by_hand)
    assert Position(**line["position"]) == by_hand
    assert (line["symbol"], line["margin_basis"], line["market"]) == ("BTC-USDT-SWAP", "account", None)
    assert line["state"]["effective_leverage"] == 2
    assert line["queue"]["priority"] == pytest.approx(0.4)
    assert line["state"]["liquidation_price"] == pytest.approx(30000 / 0.996)
    (account,) = parse_accounts(done)
    assert (account["account"], account["symbols"], account["assumed"]) == ("USDT", ["BTC-USDT-SWAP"], [])
    assert (account["equity"], account["gross_leverage"], account["net_leverage"]) == (30000, 2, 2)
    assert account["margin_ratio"] == pytest.approx(240 / 30000)
    assert account["nearest_liquidation"]["falls"] == pytest.approx(30000 / 0.996 / 60000 - 1)
    assert account["nearest_liquidation"]["rises"] is None


def test_cross_positions_are_judged_together(okx: FakeAccount) -> None:
    """A long of 60,000 and a short of 240,000 on an equity of 30,000: gross leverage 10, net 10 of two coins.

    The long alone would have leverage 2, and no liquidation by all marks falling: the short gains more. They rise by
    (30,000 − 1,440) / (180,000 + 0.004·60,000 + 0.005·240,000).
    """
    okx.answers |= build_okx_hedge()
    done = run_here(okx, "--venue", "okx", "--answers")
    long, short = parse_lines(done)
    assert [line["state"]["effective_leverage"] for line in (long, short)] == [2, 8]
    for line in (long, short):
        assert line["signals"][0]["value"] == 10
        assert "Gross leverage of the account 10×" in line["signals"][0]["reason"]
    (account,) = parse_accounts(done)
    assert (account["gross_leverage"], account["net_leverage"]) == (10, 10)
    assert account["nearest_liquidation"]["falls"] is None
    assert account["nearest_liquidation"]["rises"] == pytest.approx(28560 / (180000 + 240 + 1200))
    table = run_here(okx, "--venue", "okx").stdout.splitlines()
    assert table[-1] == (
        "account USDT: equity 30000, margin ratio 4.8 %, gross leverage 10×, net leverage 10×, "
        "liquidation if all marks rise by 15.7407 %"
    )


def test_symbol_is_judged_with_the_rest_of_its_account(okx: FakeAccount) -> None:
    """``--symbol`` prints one position, whose leverage is that of all."""
    okx.answers |= build_okx_hedge()
    (line,) = parse_lines(run_here(okx, "--venue", "okx", "--answers", "--symbol", "BTC-USDT-SWAP"))
    assert (line["symbol"], line["signals"][0]["value"]) == ("BTC-USDT-SWAP", 10)


def test_unscorable_position_leaves_what_needs_it_unknown(okx: FakeAccount) -> None:
    """Without the short's mark price the account's sums are unknown; what the venue's figures tell of the long is not.

    The short's maintenance margin of 1,200 stands still: equity meets it where 30,000 + (P − 60,000) = 0.004 P + 1,200.
    """
    okx.answers |= build_okx_hedge(short_mark="")
    done = run_here(okx, "--venue", "okx", "--answers")
    assert done.returncode == 1
    (long, short), (account,) = parse_lines(done), parse_accounts(done)
    assert "not_scored" in short
    assert long["signals"][0]["fired"] is None
    assert long["state"]["effective_leverage"] == 2
    assert long["state"]["liquidation_price"] == pytest.approx((60000 - 30000 + 1200) / 0.996)
    assert "its sums are unknown without ETH-USDT-SWAP short" in long["assumed"]
    assert (account["equity"], account["gross_leverage"], account["nearest_liquidation"]) == (30000, None, None)
    note = "account USDT: its sums are unknown without ETH-USDT-SWAP short"
    assert note in run_here(okx, "--venue", "okx").stdout.splitlines()


def test_winner_that_carries_its_account_is_scored(okx: FakeAccount) -> None:
    """Without the long's profit of 10,000 an equity of 6,000 would be below 0: leverage 10, a share of 10,000/6,000."""
    account = {"adjEq": "", "mmr": "", "details": [{"ccy": "USDT", "eq": "6000", "isoEq": "0", "mmr": "240"}]}
    okx.answers["/api/v5/account/balance"] = {"code": "0", "data": [account]}
    done = run_here(okx, "--venue", "okx", "--answers")
    assert done.returncode == 0
    (line,) = parse_lines(done)
    assert line["state"]["effective_leverage"] == 10
    assert line["state"]["margin"] == -4000
    assert line["state"]["profit_share"] == pytest.approx(10000 / 6000)


def test_insolvent_account_is_named(okx: FakeAccount) -> None:
    """An equity of 0 or below is not the same as an unknown one."""
    account = {"adjEq": "", "mmr": "", "details": [{"ccy": "USDT", "eq": "-5", "isoEq": "0", "mmr": "240"}]}
    okx.answers["/api/v5/account/balance"] = {"code": "0", "data": [account]}
    table = run_here(okx, "--venue", "okx").stdout.splitlines()
    assert table[1].split()[5] == "insolvent"
    assert table[-1] == "account USDT: insolvent, equity -5"


def test_unknown_equity_is_not_replaced(okx: FakeAccount) -> None:
    """Leverage, share of profit, prices and key are unknown; profit to notional and meter are judged and printed.

    The initial margin of 6,000 would have given a leverage of 60,000/16,000 = 3.75.
    """
    okx.answers["/api/v5/account/balance"] = {"code": "0", "data": []}
    done = run_here(okx, "--venue", "okx", "--answers")
    assert done.returncode == 0
    (line,) = parse_lines(done)
    state = line["state"]
    for name in ("equity", "effective_leverage", "profit_share", "bankruptcy_price", "liquidation_price"):
        assert state[name] is None
    assert (line["margin_basis"], line["queue"]) == ("unknown", None)
    assert not {"margin", "equity", "leverage"} & line["position"].keys()
    assert "wallet_balance" in line["missing"]
    assert "the account's equity is not known" in line["assumed"][0]
    fired = {signal["signal"]: signal["fired"] for signal in line["signals"]}
    assert (fired["leverage"], fired["profit"], fired["adl_meter"]) == (None, True, True)
    assert state["pnl_to_notional"] == pytest.approx(10000 / 60000)


def test_table_shows_what_is_unknown(okx: FakeAccount) -> None:
    """The table has a row for each position, a line for each account and notes, apart by empty lines."""
    okx.answers["/api/v5/account/balance"] = {"code": "0", "data": []}
    done = run_here(okx, "--venue", "okx")
    assert done.returncode == 0
    heading, row, _, account, _, note = done.stdout.splitlines()
    assert heading.split()[:6] == ["symbol", "side", "size", "entry", "mark", "leverage"]
    assert row.split()[:6] == ["BTC-USDT-SWAP", "long", "1", "50000", "60000", "unknown"]
    assert "4 (0.75)" in row
    assert row.endswith("wallet_balance, funding_rate, funding_interval_hours, liquidation_spike")
    assert account == "account USDT: equity unknown"
    assert note.startswith("account USDT: the account's equity is not known")


def test_positions_are_scored_without_a_failing_meter(binance: FakeAccount) -> None:
    """A warning says that the readings could not be read, and the meter counts as unknown."""
    del binance.answers["/fapi/v1/adlQuantile"]
    done = run_here(binance, "--venue", "binance", "--answers")
    assert done.returncode == 0
    assert "warning: the ADL readings could not be read" in done.stderr
    for line in parse_lines(done):
        assert line["signals"][4]["fired"] is None
        assert "adl_meter" in line["missing"]


def test_unscorable_position_does_not_stop_others(binance: FakeAccount) -> None:
    """It is printed with the reason, the others with their scores, and the exit status is 1."""
    short, long = BINANCE["/fapi/v3/positionRisk"]
    binance.answers["/fapi/v3/positionRisk"] = [{**short, "markPrice": "0"}, long]
    done = run_here(binance, "--venue", "binance", "--answers")
    assert done.returncode == 1
    unscored, scored = parse_lines(done)
    assert unscored == {
        "symbol": "ETHUSDT",
        "ccxt_symbol": "ETH/USDT:USDT",
        "side": "short",
        "not_scored": "the venue's answer has no mark price",
    }
    assert scored["max_score"] == 10
    table = run_here(binance, "--venue", "binance")
    assert table.returncode == 1
    assert "not scored" in table.stdout.splitlines()[1]
    assert table.stdout.splitlines()[-1] == "ETHUSDT short: not scored: the venue's answer has no mark price"


def test_symbol_selects_positions(binance: FakeAccount) -> None:
    """``--symbol`` accepts ccxt's name or the venue's own; one that is not listed is an error."""
    binance.answers["/fapi/v1/exchangeInfo"] = {
        "symbols": [ETHUSDT, {**ETHUSDT, "symbol": "BTCUSDT", "pair": "BTCUSDT", "baseAsset": "BTC"}]
    }
    for symbol in ("ETHUSDT", "ETH/USDT:USDT"):
        assert len(parse_lines(run_here(binance, "--venue", "binance", "--answers", "--symbol", symbol))) == 2
    assert run_here(binance, "--venue", "binance", "--symbol", "BTCUSDT").stdout == "No open positions.\n"
    absent = run_here(binance, "--venue", "binance", "--symbol", "XYZUSDT")
    assert absent.returncode == 1
    assert "lists no such contract" in absent.stderr


@pytest.mark.parametrize("venue", ["binance", "okx"])
def test_error_is_printed_without_credentials(venue: str) -> None:
    """If a venue echoes all headers and the signed URL, its message is printed without keys and signatures."""
    answers, accepts = (BINANCE, binance_accepts) if venue == "binance" else (OKX, okx_accepts)
    with FakeAccount(answers, accepts, echo=True) as fake:
        done = run(fake, "--venue", venue)
    assert (done.returncode, done.stdout) == (1, "")
    assert "unreadable: " in done.stderr
    assert "[hidden]" in done.stderr
    assert "signature=" not in done.stderr


def test_rejected_keys_are_reported(okx: FakeAccount) -> None:
    """The error quotes the venue's message, without the key."""
    other = "another-key-of-somebody"
    done = run_here(okx, "--venue", "okx", keys={**KEYS, "ADLRISK_VENUE_KEY": other})
    assert done.returncode == 1
    assert "the venue does not accept the keys" in done.stderr
    assert "Invalid Sign" in done.stderr
    assert other not in done.stderr


def test_unreachable_venue_is_reported(okx: FakeAccount) -> None:
    """The exit status is 1, and the error has the host and the cause."""
    okx.url = "http://127.0.0.1:1"
    done = run_here(okx, "--venue", "okx")
    assert done.returncode == 1
    assert done.stderr == "Error: 127.0.0.1 cannot be reached: it refuses the connection\n"


@pytest.mark.parametrize(
    "garbage", [b"<html>maintenance</html>", b"7", b"null", b'{"code": "0"}', b'{"code": "0", "data": null}']
)
def test_answer_without_list_is_not_an_account_without_positions(okx: FakeAccount, garbage: bytes) -> None:
    """Ccxt turns a maintenance page with status 200 into an empty list; here it is an error."""
    okx.answers["/api/v5/account/positions"] = garbage
    done = run_here(okx, "--venue", "okx")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no list of positions" in done.stderr


def test_account_without_positions_says_so(okx: FakeAccount) -> None:
    """An empty list is an account without positions."""
    okx.answers["/api/v5/account/positions"] = {"code": "0", "data": []}
    done = run_here(okx, "--venue", "okx")
    assert (done.returncode, done.stdout) == (0, "No open positions.\n")


@pytest.mark.parametrize("garbage", [[7], {"code": "0", "data": [{"pos": {}}]}, {"code": "0", "data": [None]}])
def test_malformed_rows_give_an_error(okx: FakeAccount, garbage: object) -> None:
    """A line says that they cannot be used or scored, whatever ccxt makes of them, and the exit status is 1."""
    okx.answers["/api/v5/account/positions"] = garbage
    done = run_here(okx, "--venue", "okx")
    assert done.returncode == 1
    assert "cannot be used" in done.stderr or "not scored" in done.stdout


def test_only_required_requests_are_sent(binance: FakeAccount) -> None:
    """Requests are for contracts, tiers, positions and readings; none for balances, orders or spot currencies."""
    run_here(binance, "--venue", "binance")
    assert binance.requests == [
        "/fapi/v1/exchangeInfo",
        "/fapi/v1/leverageBracket",
        "/fapi/v3/positionRisk",
        "/fapi/v1/adlQuantile",
        "/fapi/v1/leverageBracket",
    ]


@pytest.mark.parametrize(
    ("venue", "keys", "complaint"),
    [
        ("bitmex", KEYS, "ccxt does not support BitMEX"),
        ("coinex", KEYS, "ccxt does not support CoinEx Futures"),
        ("gmx", KEYS, "ccxt does not support GMX v2"),
        ("paradex", KEYS, "private key that can also trade"),
        ("aster", KEYS, "private key that can also trade"),
        ("nowhere", KEYS, "no venue 'nowhere'"),
        ("okx", {}, "okx asks for ADLRISK_VENUE_KEY and ADLRISK_VENUE_SECRET and ADLRISK_VENUE_PASSWORD"),
        ("hyperliquid", KEYS, "hyperliquid asks for ADLRISK_VENUE_WALLET"),
        ("xt", {}, "xt asks for ADLRISK_VENUE_KEY and ADLRISK_VENUE_SECRET"),
        ("bitmex_family", KEYS, "name one of deepcoin, xt, poloniex"),
        ("coinbase", KEYS, "it is closed"),
        ("binance", {"ADLRISK_VENUE_KEY_FILE": "/nowhere/key"}, "ADLRISK_VENUE_KEY_FILE"),
    ],
)
def test_unsupported_venue_or_missing_key_is_named(venue: str, keys: dict[str, str], complaint: str) -> None:
    """A venue whose positions cannot be read, or a missing key, is an error without any request."""
    result = CliRunner().invoke(main, ["positions", "--venue", venue], env=keys)
    assert (result.exit_code, result.stdout) == (1, "")
    assert isinstance(result.exception, SystemExit)
    assert complaint in result.stderr


def test_missing_ccxt_is_reported_with_the_install_command() -> None:
    """The error has the commands that install it; the other commands work without it."""
    absent = "import sys; sys.modules['ccxt'] = None; from adlrisk.__main__ import main; main(sys.argv[1:])"
    done = start(["-c", absent, "positions", "--venue", "binance"], KEYS)
    assert done.returncode == 1
    assert "`make positions VENUE=binance`" in done.stderr
    assert "`pip install 'adlrisk[positions]'`, then `adlrisk positions --venue binance`" in done.stderr
    assert start(["-c", absent, "--help"], {}).returncode == 0


@pytest.mark.parametrize(
    ("options", "keys", "line"),
    [
        (
            ["--venue", "okx", "--symbol", "BTC/USDT:USDT", "--answers"],
            {"ADLRISK_VENUE_KEY": "k"},
            (
                "ADLRISK_VENUE_KEY=KEY ADLRISK_VENUE_SECRET_FILE=FILE ADLRISK_VENUE_PASSWORD_FILE=FILE "
                "adlrisk positions --venue okx --symbol BTC/USDT:USDT --answers"
            ),
        ),
        (
            ["--venue", "okx", "--json"],
            {"ADLRISK_VENUE_KEY_FILE": __file__, "ADLRISK_VENUE_SECRET": "s"},
            (
                "ADLRISK_VENUE_KEY_FILE=FILE ADLRISK_VENUE_SECRET=SECRET ADLRISK_VENUE_PASSWORD_FILE=FILE "
                "adlrisk positions --venue okx --json"
            ),
        ),
        (["--venue", "hyperliquid"], {}, "ADLRISK_VENUE_WALLET=ADDRESS adlrisk positions --venue hyperliquid"),
    ],
)
def test_missing_keys_are_answered_with_the_command_line(options: list[str], keys: dict[str, str], line: str) -> None:
    """The error has the whole command: what is missing from files, which no shell keeps, and what was given by name."""
    result = CliRunner().invoke(main, ["positions", *options], env=keys)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f": `{line}`\n" in result.stderr
