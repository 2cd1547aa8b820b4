"""Laws of the trigger and the alerts: each is there exactly where what it rests on was given."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from adlrisk.venues.catalogue import load_catalogue
from support.fuzz.near import assert_near

Request = Mapping[str, Any]
Content = Mapping[str, Any]

ALERTS: Final = (
    "adl_in_progress", "settlement_near", "fund_drawn_down", "venue_rates_high", "meter_rising", "open_interest_high"
)  # fmt: skip

_CATALOGUE: Final = load_catalogue()
_SHOWN: Final = {
    "adl_on": "adl_trigger", "insurance_fund": "insurance_fund", "rating": "adl_rating", "settles_at": "settles_at"
}  # fmt: skip
_ROUNDING: Final = Fraction(1, 10**8)  # about a threshold or a peak, where rounding decides


def check_trigger(position: Request, market: Request, answer: Content) -> None:
    """The trigger shows what ``market`` says, and the alerts follow from it; a record may have filled in more."""
    trigger, alerts = answer["trigger"], [alert["alert"] for alert in answer["alerts"]]
    assert alerts == [name for name in ALERTS if name in alerts]
    assert all(alert["reason"] for alert in answer["alerts"])
    assert answer["guidance"].startswith("The venue says that an auto-deleveraging is on.") == (
        "adl_in_progress" in alerts
    )
    closes = [action["action"] for action in answer["actions"]].count("close_before_settlement")
    assert closes == ("settlement_near" in alerts)
    if "meter_rising" in alerts:
        assert position.get("adl_meter") is not None
        assert position.get("adl_meter_before") is not None
    if (answer["market"] or {}).get("status") == "used":
        return
    shown = {name: market.get(field) for name, field in _SHOWN.items()}
    assert (trigger is None) == all(value is None for value in shown.values())
    if trigger is not None:
        assert {name: trigger[name] for name in shown} == shown
        assert trigger["source"] == "request"
        _check_drawdown(market, trigger["fund_drawdown"])
    assert ("adl_in_progress" in alerts) == (market.get("adl_trigger") is True)
    assert ("venue_rates_high" in alerts) == (market.get("adl_rating") == "high")
    assert ("open_interest_high" in alerts) == (market.get("open_interest_high") is True)
    assert ("settlement_near" in alerts) == _is_near(market.get("settles_at"), answer["as_of"])
    _check_fund_alert(answer, None if trigger is None else trigger["fund_drawdown"], raised="fund_drawn_down" in alerts)


def _check_drawdown(market: Request, shown: float | None) -> None:
    fund, peak = market.get("insurance_fund"), market.get("fund_peak")
    if fund is None or peak is None:
        assert shown is None
    elif shown is None:
        assert fund > peak
    else:
        assert Fraction(fund) <= Fraction(peak) * (1 + _ROUNDING)
        assert_near(shown, max(Fraction(0), 1 - Fraction(fund) / Fraction(peak)), of=max(Fraction(1), Fraction(shown)))


def _check_fund_alert(answer: Content, drawdown: float | None, *, raised: bool) -> None:
    if answer["venue"]["source"] != "catalogue":
        return
    triggering = _CATALOGUE[answer["venue"]["id"]].rules.trigger.drawdown
    if drawdown is None or triggering is None:
        assert not raised
    elif abs(drawdown - triggering / 2) > _ROUNDING:
        assert raised == (drawdown > triggering / 2)


def _is_near(settles_at: str | None, as_of: str) -> bool:
    if settles_at is None:
        return False
    left = datetime.fromisoformat(settles_at) - datetime.fromisoformat(as_of)
    return timedelta(0) <= left < timedelta(hours=24)
