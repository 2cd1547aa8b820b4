"""A perpetual contract in ccxt's form, with the fields of a market that a reader may need."""

from typing import Any


def perpetual(
    venue_id: str,
    base: str,
    quote: str,
    settle: str,
    *,
    contract_size: float = 1.0,
    inverse: bool = False,
    quanto: bool = False,
    info: dict[str, Any] | None = None,
    **more: object,
) -> dict[str, Any]:
    """The market ``base/quote:settle``; ``venue_id`` is the venue's own id of it, ``more`` replaces or adds fields."""
    return {
        "id": venue_id,
        "symbol": f"{base}/{quote}:{settle}",
        "base": base,
        "quote": quote,
        "settle": settle,
        "baseId": base,
        "quoteId": quote,
        "settleId": settle,
        "type": "swap",
        "spot": False,
        "margin": False,
        "swap": True,
        "future": False,
        "option": False,
        "active": True,
        "contract": True,
        "linear": not inverse and not quanto,
        "inverse": inverse,
        "quanto": quanto,
        "contractSize": contract_size,
        "expiry": None,
        "precision": {"amount": 1e-8, "price": 1e-8},
        "limits": {},
        "info": info or {},
        **more,
    }
