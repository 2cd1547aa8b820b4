"""Examples that fill in the form, each one link."""

from typing import Final
from urllib.parse import urlencode

import htpy as h

from adlrisk.page.form.render import FORM_ADDRESS

_AS_OF: Final = "2026-11-18T12:00:00Z"
_SHORT: Final = {
    "venue": "binance",
    "symbol": "ETHUSDT",
    "side": "short",
    "size": "10",
    "entry_price": "2000",
    "mark_price": "1800",
    "margin_mode": "isolated",
    "margin": "1000",
    "maintenance_margin_rate": "0.01",
    "adl_meter": "3",
    "funding_rate": "0.0012",
    "liquidation_spike": "true",
    "as_of": _AS_OF,
}
EXAMPLES: Final = {
    "a short in profit": _SHORT,
    "the same, little known": {
        name: _SHORT[name] for name in ("venue", "side", "size", "entry_price", "mark_price", "as_of")
    },
    "a larger short, and what stands before an ADL": {
        **_SHORT,
        "size": "100",
        "margin": "10000",
        "adl_meter": "4",
        "lot_size": "0.001",
        "insurance_fund": "900000",
        "open_interest": "120000",
        "entries": "1760:0.1 1800:0.3 1850:0.25 1900:0.2 2000:0.15",
        "size_for_one_percent": "1200",
        "volatility": "0.9",
    },
    "an account with a hedge": {
        "venue": "okx",
        "symbol": "BTC-USDT-SWAP",
        "side": "long",
        "size": "1",
        "entry_price": "50000",
        "mark_price": "50000",
        "maintenance_margin_rate": "0.004",
        "settlement": "USDT",
        "wallet_balance": "1000",
        "hedge_side": "short",
        "hedge_size": "0.9",
        "hedge_entry_price": "50000",
        "hedge_maintenance_margin_rate": "0.004",
        "as_of": _AS_OF,
    },
}


def render_examples() -> h.Element:
    """The links."""
    return h.p(".examples")[
        "Load an example: ",
        [
            [" · " if index else "", h.a(href=f"{FORM_ADDRESS}?{urlencode(fields)}#result")[title]]
            for index, (title, fields) in enumerate(EXAMPLES.items())
        ],
        ".",
    ]
