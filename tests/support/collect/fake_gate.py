"""A fake of Gate's futures. Shapes: www.gate.com/docs/developers/apiv4, "Futures"; ccxt's sources."""

from typing import Any, Final

from support.collect.fake_venue import FakeVenue, Now

_LINEAR: Final = "/api/v4/futures/usdt"
_INVERSE: Final = "/api/v4/futures/btc"


class FakeGate(FakeVenue):
    """BTC_USDT, of 0.0001 BTC a contract, and BTC_USD, of 1 USD."""

    venue = "gate"
    stream_path = "/v4/ws/usdt"

    def initial_answers(self) -> dict[str, Any]:
        return {
            "/api/v4/spot/time": {"server_time": Now()},
            f"{_LINEAR}/contracts": [_contract("BTC_USDT")],
            f"{_INVERSE}/contracts": [_contract("BTC_USD")],
            f"{_LINEAR}/contracts/BTC_USDT": _contract("BTC_USDT"),
            f"{_INVERSE}/contracts/BTC_USD": _contract("BTC_USD"),
            f"{_LINEAR}/order_book": _book(contracts=10_000),
            f"{_INVERSE}/order_book": _book(contracts=60_000),
            f"{_LINEAR}/risk_limit_tiers?contract=BTC_USDT": [
                _tier(1, to="1000000", mmr="0.004", imr="0.008", leverage="125", deduction="0"),
                _tier(2, to="2000000", mmr="0.005", imr="0.01", leverage="100", deduction="1000"),
            ],
            f"{_INVERSE}/risk_limit_tiers?contract=BTC_USD": [
                _tier(1, to="100", mmr="0.005", imr="0.01", leverage="100", deduction="0"),
            ],
            f"{_LINEAR}/insurance": [
                {"t": Now(seconds=-300_000.0, unit=1.0), "b": "1"},
                {"t": Now(seconds=-3_600.0, unit=1.0), "b": "83055820.5"},
            ],
            f"{_INVERSE}/insurance": [{"t": Now(seconds=-3_600.0, unit=1.0), "b": "523.25"}],
            f"{_LINEAR}/adl_risk_states": {
                "settle": "usdt",
                "states": {
                    "BTC_USDT": {"state": "normal", "calculated_at_ms": Now(seconds=-5.0)},
                    "GT_USDT": {"state": "warning", "calculated_at_ms": Now(seconds=-5.0)},
                },
            },
            f"{_INVERSE}/adl_risk_states": {
                "settle": "btc",
                "states": {"BTC_USD": {"state": "adl_risk", "calculated_at_ms": Now(seconds=-5.0)}},
            },
        }

    def reply_to(self, message: Any) -> list[Any]:
        return [{**message, "time_ms": 1, "result": {"status": "success"}}]

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        order = {
            "price": price,
            "size": {"long": -int(size), "short": int(size)}[side],
            "time": at,
            "contract": "BTC_USDT",
        }
        return {"time": 1, "time_ms": 1, "channel": "futures.public_liquidates", "event": "update", "result": [order]}


def _contract(name: str) -> dict[str, Any]:
    linear = name == "BTC_USDT"
    return {
        "name": name,
        "type": "direct" if linear else "inverse",
        "quanto_multiplier": "0.0001" if linear else "0",
        "leverage_min": "1",
        "leverage_max": "125",
        "maintenance_rate": "0.004",
        "mark_type": "index",
        "mark_price": "60000.5",
        "index_price": "59990.1",
        "last_price": "60003",
        "order_price_round": "0.1",
        "mark_price_round": "0.01",
        "funding_rate": "-0.00042",
        "funding_rate_limit": "0.003",
        "funding_interval": 28800,
        "funding_next_apply": Now(seconds=3600.0, unit=1.0),
        "order_size_min": 1,
        "order_size_max": 1000000,
        "order_price_deviate": "0.2",
        "enable_decimal": False,
        "position_size": 373504107,
        "trade_size": 767606392,
        "in_delisting": False,
        "status": "trading",
    }


def _book(*, contracts: int) -> dict[str, Any]:
    """The levels of the other fakes: in BTC times 10,000 for the linear contract."""

    def level(price: str, size: float) -> dict[str, Any]:
        return {"p": price, "s": round(size * contracts)}

    return {
        "id": 123456,
        "current": Now(unit=1.0),
        "update": Now(unit=1.0),
        "bids": [level("59990", 2.0), level("59700", 1.0), level("59000", 50.0)],
        "asks": [level("60010", 1.5), level("60300", 2.0), level("61000", 50.0)],
    }


def _tier(number: int, *, to: str, mmr: str, imr: str, leverage: str, deduction: str) -> dict[str, Any]:
    return {
        "tier": number,
        "risk_limit": to,
        "initial_rate": imr,
        "maintenance_rate": mmr,
        "leverage_max": leverage,
        "deduction": deduction,
    }
