"""How probable an ADL of a position is in the model: the range over all cases, and each case."""

from collections.abc import Mapping, Sequence
from typing import Any

from htpy import Element, Node

from adlrisk.page.numbers import format_percent, render_change, render_percent
from adlrisk.page.pictures.bars import draw_range
from adlrisk.page.pictures.figure import frame, tabulate


def draw_probability(found: Mapping[str, Any], *, cases: Sequence[Mapping[str, Any]]) -> Element:
    """The probability of an ADL of the position ``found`` in the range of an exposure."""
    least, most = found["probability"]["least"], found["probability"]["most"]
    text = format_percent(most) if least == most else f"{format_percent(least)} to {format_percent(most)}"
    return frame(
        draw_range(
            "probability",
            least=least,
            most=most,
            write=format_percent,
            title=f"Probability of an ADL of yours in this model: {text}",
            description="Solid up to the least, hatched on to the most over all cases.",
        ),
        caption=f"Probability of an ADL of yours in this model: {text}",
        numbers=tabulate(
            "Each case of liquidity, at once (gap) and in small steps (walk)",
            columns=(
                "Case",
                "Way",
                "ADL of yours",
                "Closed, mean",
                "Liquidated",
                "Any ADL",
                "Fund used up",
                "From a fall of",
                "From a rise of",
            ),
            rows=[_list_case(case, id_=found["id"]) for case in cases],
        ),
        summary="Each case",
    )


def _list_case(case: Mapping[str, Any], *, id_: str) -> list[Node]:
    (found,) = [position for position in case["positions"] if position["id"] == id_]
    mix, nearest, market = case.get("leverage_mix"), found["nearest"], case["market"]
    return [
        case["case"] if mix is None else f"{case['case']}, {mix}",
        case["path"],
        render_percent(found["probability"]),
        render_percent(found["expected_closed_share"]),
        render_percent(found["probability_liquidated"]),
        render_percent(market["probability"]),
        render_percent(market["probability_fund_used_up"]),
        *("none" if nearest[way] is None else render_change(nearest[way]) for way in ("down", "up")),
    ]
