"""A bot for an account at OKX: what would an ADL take, and what of it to give up before; it only says so, unless told.

It reads the open positions through ccxt, has them scored together, and asks for a plan where a score is high. It takes
``OKX_KEY``, ``OKX_SECRET`` and ``OKX_PASSWORD`` of a key that may only read; ``--act`` needs one that may trade.
"""

import argparse
import os
import time
from typing import Any

import ccxt

from adlrisk import Leg
from adlrisk.client import Client, ClientError, Problem
from adlrisk.positions import UnreadablePositionError


def look(exchange: Any, client: Client, *, act: bool) -> None:
    """Look at the account once: a request for each currency that positions settle in."""
    exchange.load_markets()  # asks only once
    held = [(one, exchange.market(one["symbol"])) for one in exchange.fetch_positions() if one["contracts"] != 0]
    for currency in sorted({market["settle"] for _, market in held}):
        legs = [read(one, market) for one, market in held if market["settle"] == currency]
        account: Any = {"venue": "okx", "positions": legs, "equity": equity_of(exchange, currency)}
        for scored, leg in zip(client.account(**account).positions, legs, strict=True):
            if isinstance(scored, Problem) or not isinstance(leg, Leg):
                print(f"{scored.id}: UNKNOWN, {scored.detail}")
                continue
            print(f"{scored.id}: {scored.score} to {scored.score_upper} of 10. {scored.guidance}")
            if scored.band == "high" and all(isinstance(one, Leg) for one in legs):
                plan = client.plan(**account, leg=leg.id, target="watch", lot_size=1)
                ways = [way for way in plan.options if way.action in ("reduce_size", "close") and way.reaches_target]
                if ways and ways[0].amount:
                    reduce(exchange, leg, ways[0].amount, act=act)


def read(position: dict[str, Any], market: dict[str, Any]) -> Leg | dict[str, Any]:
    """The leg; one that cannot be read is sent by its name, so that the account's sums are unknown and not wrong."""
    try:
        return Client.from_ccxt(position, market=market, exchange="okx")
    except UnreadablePositionError as error:
        return {"id": f"{market['id']} {position['side']}", "unreadable": str(error)}


def equity_of(exchange: Any, currency: str) -> float | None:
    """What backs the cross positions in futures mode; not known in other modes (docs/cross-margin.md)."""
    account = exchange.private_get_account_balance()["data"][0]
    own: dict[str, Any] = next((row for row in account["details"] if row["ccy"] == currency), {})
    return None if account.get("adjEq") or not own.get("eq") else float(own["eq"]) - float(own.get("isoEq") or 0)


def reduce(exchange: Any, leg: Leg, amount: float, *, act: bool) -> None:
    """Close ``amount`` contracts of ``leg`` at the market, or say so."""
    side, symbol = "sell" if leg.side == "long" else "buy", exchange.safe_symbol(leg.symbol)
    print(f"  {'' if act else 'would '}{side} {amount:g} of {symbol}, reduce-only")
    if act:
        exchange.create_order(symbol, "market", side, amount, params={"reduceOnly": True, "tdMode": leg.margin_mode})


def main() -> None:
    """Look every half a minute."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", default="http://localhost:8000")
    parser.add_argument("--act", action="store_true")
    options = parser.parse_args()
    key, secret, password = (os.environ.get(f"OKX_{name}", "") for name in ("KEY", "SECRET", "PASSWORD"))
    okx = ccxt.okx({"apiKey": key, "secret": secret, "password": password, "has": {"fetchCurrencies": False}})
    with Client(options.service) as client:
        while True:
            try:
                look(okx, client, act=options.act)
            except (ClientError, ccxt.BaseError) as error:  # what is not known is not low: say so, and look again
                print(f"UNKNOWN: {error}")
            time.sleep(30.0)


if __name__ == "__main__":
    main()
