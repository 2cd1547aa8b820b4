"""Section "Six ways to share out a bankrupt position": the policies side by side, from ``POST /adl/allocate``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import htpy as h

from adlrisk.domain.deleverage.policies import MEANINGS, POLICIES
from adlrisk.domain.rules.card_words import PRICES
from adlrisk.page.numbers import render_gain, render_leverage, render_number, render_percent
from adlrisk.page.pictures.figure import tabulate
from adlrisk.page.pictures.shares import Share, draw_shares

_TITLES: Final = {
    "venue": "the queue",
    "pro_rata_size": "by size",
    "pro_rata_profit": "by profit",
    "pro_rata_score": "by size × ranking key",
    "risk_aware": "by profit × leverage²",
    "min_max_leverage": "highest leverage first",
}
_COLUMNS_MEAN: Final = (
    "Lots closed, lots that nobody could take, positions closed in part or in full, the largest share of one position, "
    "the highest leverage afterwards, and all haircuts."
)
_COUNTS: Final = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}


def render_policies(
    answer: Mapping[str, Any], *, request: Mapping[str, Any], own_id: str | None, own_size: float | None
) -> h.Element:
    """The section; ``own_size`` is the size of one's own position before."""
    bankrupt = request["bankrupt"]
    results = answer["results"]
    ways = _COUNTS.get(len(results), str(len(results)))
    return h.section("#policies")[
        h.h2[f"{ways} ways to share out a bankrupt position"],
        h.p[
            f"A bankrupt {bankrupt['side']} of ",
            render_number(bankrupt["size"]),
            " contracts is closed against the other side at ",
            render_number(answer["fill_price"]),
            f" ({_describe_price(answer['fill_price_rule'])}).",
        ],
        _say_untouched(answer),
        _render_own(results, own_id=own_id, own_size=own_size) if own_id is not None else None,
        h.h3["Everybody"],
        tabulate(
            "What each policy does to the other side",
            columns=(
                "policy",
                "lots",
                "left over",
                "closed",
                "in full",
                "largest",
                "leverage",
                "haircuts",
            ),
            rows=map(_market_row, results),
        ),
        h.p(".note")[_COLUMNS_MEAN, " ", _say_lot(request.get("lot_size"))],
        h.details[
            h.summary["What the policies are"],
            h.dl(".facts")[(h.div[h.dt[_TITLES[each["policy"]]], h.dd[_explain(each["policy"])]] for each in results)],
            _say_missing(results),
        ],
    ]


def _say_lot(lot_size: float | None) -> h.Node:
    if lot_size is None:
        return [
            h.a(href="#lot_size")["No lot size"],
            " is given, so lots are as small as the API has them: 1e-8 contracts.",
        ]
    return ["A lot is ", render_number(lot_size), " contracts."]


def _describe_price(rule: str) -> str:
    return "the price that you gave" if rule == "given" else f"the {PRICES[rule]}"


def _say_untouched(answer: Mapping[str, Any]) -> h.Node:
    out = answer["ineligible"]
    if not out:
        return None
    return h.p(".note")[
        f"{out:,} position{'' if out == 1 else 's'} of the other side cannot be closed and ",
        f"{'is' if out == 1 else 'are'} not touched: not in the queue, or bankrupt by the fill itself.",
    ]


def _say_missing(results: Sequence[Mapping[str, Any]]) -> h.Node:
    missing = [_TITLES[policy] for policy in POLICIES if policy not in [each["policy"] for each in results]]
    if not missing:
        return None
    return h.p[f"Not shown, for they need a queue formula, which is not known here: {', '.join(missing)}."]


def _explain(policy: str) -> str:
    return MEANINGS[policy].replace("`formula`", "the chosen formula")  # type: ignore[index]


def _market_row(result: Mapping[str, Any]) -> Sequence[h.Node]:
    return (
        _TITLES[result["policy"]],
        f"{result['closed_lots']:,}",
        f"{result['uncovered_lots']:,}",
        f"{result['accounts_hit']:,}",
        f"{result['accounts_closed']:,}",
        _or_none(result["largest_share"], render_percent(result["largest_share"])),
        _or_none(result["top_leverage_after"], render_leverage(result["top_leverage_after"])),
        render_number(result["total_haircut"]),
    )


def _or_none(value: float | None, shown: h.Node) -> h.Node:
    """What is shown of a value; null is no unknown here, but that there is none."""
    return "none" if value is None else shown


def _render_own(results: Sequence[Mapping[str, Any]], *, own_id: str, own_size: float | None) -> h.Node:
    fills = {result["policy"]: _find_fill(result, own_id) for result in results}
    if not any(fills.values()):
        return h.p[h.strong["You are not closed under any of them."]]
    shares = [
        Share(name=_TITLES[policy], closed=fill["closed"] if fill else 0.0, of=own_size)
        for policy, fill in fills.items()
    ]
    told = "; ".join(f"{share.name}: {share.text}" for share in shares)
    return [
        h.h3["You"],
        draw_shares("own-shares", shares=shares, title="What each policy closes of you", description=f"{told}."),
        tabulate(
            "What each policy does to you",
            columns=("policy", "closed", "left", "realized PnL", "haircut", "leverage after"),
            rows=_own_rows(fills),
        ),
        h.p(".note")["The haircut is what you lose by the fill against the mark price."],
    ]


def _find_fill(result: Mapping[str, Any], id_: str) -> Mapping[str, Any] | None:
    columns: Mapping[str, Sequence[Any]] = result["columns"]
    if id_ not in columns["id"]:
        return None
    place = columns["id"].index(id_)
    return {name: column[place] for name, column in columns.items()}


def _own_rows(fills: Mapping[str, Mapping[str, Any] | None]) -> Iterator[Sequence[h.Node]]:
    for policy, fill in fills.items():
        if fill is None:
            yield (_TITLES[policy], "not closed", "all", "none", "none", "as before")
            continue
        yield (
            _TITLES[policy],
            render_number(fill["closed"]),
            render_number(fill["remaining"]),
            render_gain(fill["realized_pnl"]),
            render_number(fill["haircut"]),
            render_leverage(fill["leverage_after"]) if fill["remaining"] else "closed",
        )
