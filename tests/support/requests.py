"""A strategy of requests to score whose signals often fire: for laws of actions and sentences."""

from typing import Any

import hypothesis.strategies as st

from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position

# With the readings of its meter, from calm to first.
_VENUES = {
    "binance": (None, 0, 2, 4),
    "bybit": (None, 1, 3, 5),
    "hyperliquid": (None,),
    "kucoin": (None, 0.1, 0.9),
    "gmx": (None,),
    "paradex": (None,),
    "generic": (None, 0.2, 0.45, 1.0),
}
_backings = ("equity", "margin", "leverage", None)


@st.composite
def _score_request(draw: st.DrawFn) -> ScoreRequest:
    venue = draw(st.sampled_from(sorted(_VENUES)))
    entry, size = draw(st.sampled_from((0.002, 1.0, 100.0, 64000.0))), draw(st.sampled_from((0.03, 1.0, 7.0, 5000.0)))
    mark = entry * draw(st.floats(0.9, 1.1) | st.floats(0.3, 3.0))
    backing, leverage = draw(st.sampled_from(_backings)), draw(st.floats(0.3, 200.0))
    fields: dict[str, Any] = {}
    if backing == "leverage":
        fields["leverage"] = leverage
    elif backing is not None:
        fields[backing] = size * entry / leverage
    position = Position(
        side=draw(st.sampled_from(("long", "short"))),
        size=size,
        entry_price=entry,
        mark_price=mark,
        margin_mode=draw(st.sampled_from((None, "isolated", "cross"))),
        settlement=draw(st.sampled_from((None, "USDT"))),
        hedged=draw(st.sampled_from((None, False, True))),
        adl_meter=draw(st.sampled_from(_VENUES[venue])),
        adl_meter_before=draw(st.sampled_from(_VENUES[venue])),
        maintenance_margin_rate=draw(st.sampled_from((None, 0.004, 0.05))),
        maintenance_margin=size * mark * 0.01 if draw(st.integers(0, 4)) == 0 else None,
        **fields,
    )
    market = Market(
        funding_rate=draw(st.sampled_from((None, 0.0, 0.00085, 0.002, -0.002))),
        funding_interval_hours=8.0,
        liquidation_spike=draw(st.sampled_from((None, False, True))),
        adl_trigger=draw(st.sampled_from((None, None, True, False))),
        adl_rating=draw(st.sampled_from((None, None, "high", "medium"))),
        insurance_fund=draw(st.sampled_from((None, None, 100.0, 82.0, 60.0, 0.0))),
        fund_peak=draw(st.sampled_from((None, 100.0))),
        settles_at=draw(st.sampled_from((None, None, "2026-11-18T12:20:00Z", "2026-11-19T02:00:00Z"))),
        open_interest_high=draw(st.sampled_from((None, True))),
    )
    return ScoreRequest(venue=venue, position=position, market=market, as_of="2026-11-18T12:00:00Z")


score_requests = _score_request()
