"""The result of a form: the calls that answer it, one after the other, and the sections that show them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.adl.partial import PARTIAL
from adlrisk.api.endpoints.plan.plan import PLAN
from adlrisk.api.endpoints.stress.exposure import EXPOSURE
from adlrisk.api.endpoints.venues.cards import GET_VENUE
from adlrisk.page.calls import Caller, Exchange
from adlrisk.page.form.bodies import build_exposure, build_partial, build_plan, build_score, has_hedge
from adlrisk.page.form.checking import Checked
from adlrisk.page.sections.if_adl_hits import SHARES, list_scenario_prices

_TARGETS: Final = {"high": "watch", "watch": "low", "low": "low"}
# What says something of the chain from a move to an ADL; the insurance fund alone also says something of the score.
_CHAIN: Final = frozenset({"open_interest", "entries", "size_for_one_percent", "volatility"})


class Result(Struct, frozen=True, kw_only=True):
    """The API's answers about a position, those that there are."""

    score: Exchange
    card: Exchange
    plan: Exchange
    partials: tuple[Exchange, ...]
    exposure: Exchange | None
    target: str

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Those whose numbers are shown, in the order of the page."""
        return tuple(filter(None, (self.score, self.plan, *self.partials, self.exposure)))

    @property
    def shown_as_commands(self) -> tuple[Exchange, ...]:
        """The same, one of each kind: partial closes differ in their share alone."""
        return tuple(filter(None, (self.score, self.plan, self.partials[0], self.exposure)))


async def ask_all(values: Mapping[str, str], checked: Checked, caller: Caller) -> Result:
    """Ask everything else about a position that has been scored."""
    exchange, score = checked.exchange, checked.score
    if exchange is None or score is None:
        raise LookupError("nothing has been scored")
    target = _TARGETS[score["band"]]
    mark = msgspec.json.decode(msgspec.json.encode(build_score(values)))["position"]["mark_price"]
    prices = list_scenario_prices(mark)
    return Result(
        score=exchange,
        card=await caller.get(GET_VENUE, venue=score["venue"]["id"]),
        plan=await caller.post(PLAN, build_plan(values, target=target)),
        partials=tuple(
            [await caller.post(PARTIAL, build_partial(values, fraction=share, prices=prices)) for share in SHARES]
        ),
        exposure=await _ask_exposure(values, exchange.answer, score, caller),
        target=target,
    )


async def _ask_exposure(
    values: Mapping[str, str], answer: Mapping[str, Any], score: Mapping[str, Any], caller: Caller
) -> Exchange | None:
    """The exchange about the chain to an ADL; ``None`` where nothing is known of it."""
    has_record = score["market"] is not None and score["market"]["status"] in ("used", "unused")
    if not (has_record or _CHAIN & values.keys()):
        return None
    equity = answer["account"]["equity"] if has_hedge(values) else None
    return await caller.post(EXPOSURE, build_exposure(values, equity=equity))
