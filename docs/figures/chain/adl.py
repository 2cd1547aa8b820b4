"""Step 4: who is closed by ADL, how much of each, and with what haircut."""

from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.chain.style import LOSS, REST, SMALL, set_up
from figures.chain.worked_example import POOR_FUND, RICH_FUND, fates_in, key_at, request_of, simulate_example
from figures.rendering import render


class _Variant(NamedTuple):
    title: str
    changes: dict[str, Any]


_VARIANTS: Final = (
    _Variant("fund 20, the venue's queue", {"fund": RICH_FUND}),
    _Variant("fund 8, the venue's queue", {"fund": POOR_FUND}),
    _Variant("fund 8, pro rata to size", {"fund": POOR_FUND, "policy": "pro_rata_size"}),
)


def adl() -> str:
    """The shorts under the venue's queue with either fund, and pro rata to their sizes."""

    def draw(figure: Figure) -> None:
        for axes, variant in zip(figure.subplots(1, len(_VARIANTS), sharey=True), _VARIANTS, strict=True):
            _draw_shorts(axes, variant)
        figure.supylabel("contracts", fontsize=9.0)

    return render(draw, width=8.0, height=3.8)


def _draw_shorts(axes: Axes, variant: _Variant) -> None:
    request = request_of(**variant.changes)
    sizes = {row["id"]: row["size"] for row in request["positions"] if row["side"] == "short"}
    answer = simulate_example(**variant.changes)
    (step,) = answer.steps
    names = []
    for place, (account, size) in enumerate(sizes.items()):
        fate = fates_in(answer)[account]
        axes.bar(place, fate.remaining, color=REST, width=0.7)
        axes.bar(place, fate.closed, bottom=fate.remaining, color=LOSS, width=0.7)
        kept = f"kept\n{fate.remaining:.4g}"
        axes.text(place, 0.5 * fate.remaining, kept, fontsize=SMALL, ha="center", va="center")
        told = f"closed {fate.closed:.4g}\nhaircut {fate.haircut:.4g}" if fate.closed else "not closed"
        axes.text(place, size + 0.12, told, fontsize=SMALL, ha="center", va="bottom")
        key = key_at(account, step.mark_price)
        names.append(account if "policy" in variant.changes else f"{account}\nkey {key:.3f}")
    axes.set_xticks(range(len(sizes)), names)
    axes.set_xlabel(f"ADL of {step.adl.size:.4g} at {step.adl.mean_fill_price:g}", fontsize=9.0)
    axes.set_ylim(0.0, 7.4)
    axes.margins(x=0.12)
    set_up(axes, variant.title)
