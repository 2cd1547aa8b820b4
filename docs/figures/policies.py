"""The figure of docs/allocation.md: one book under each policy."""

import json
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.rendering import CLOSED, EXAMPLES, KEPT, render


def policies() -> str:
    """The closed share of every account under each policy."""
    request = json.loads((EXAMPLES / "adl-allocate-policies.request.json").read_bytes())
    answer = json.loads((EXAMPLES / "adl-allocate-policies.answer.json").read_bytes())
    other = "short" if request["bankrupt"]["side"] == "long" else "long"
    columns = request["columns"]
    held = {
        id_: size
        for id_, side, size in zip(columns["id"], columns["side"], columns["size"], strict=True)
        if side == other
    }

    def draw(figure: Figure) -> None:
        for axes, result in zip(figure.subplots(2, 3, sharey=True).flat, answer["results"], strict=True):
            _draw_policy(axes, result, held)
        figure.supylabel("closed share of the position, %")

    return render(draw, width=8.0, height=4.6)


def _draw_policy(axes: Axes, result: dict[str, Any], held: dict[str, float]) -> None:
    closed = dict(zip(result["columns"]["id"], result["columns"]["closed"], strict=True))
    shares = [100.0 * closed.get(account_id, 0.0) / size for account_id, size in held.items()]
    axes.bar(list(held), [100.0] * len(held), color=KEPT, width=0.75)
    bars = axes.bar(list(held), shares, color=CLOSED, width=0.75)
    axes.bar_label(bars, labels=[f"{share:.0f}" for share in shares], padding=1.0, fontsize=8.0)
    axes.set_ylim(0.0, 112.0)
    axes.set_yticks([0, 50, 100])
    axes.set_title(f"{result['policy']}\ntop leverage after: {result['top_leverage_after']:.1f}", fontsize=9.0)
    axes.spines[["top", "right"]].set_visible(False)
