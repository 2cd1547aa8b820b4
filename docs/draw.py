"""The generator of the figure in docs/allocation.md: what each policy closes of the example book.

Run by ``make generated``; a test fails while the committed figure differs.
"""

import io
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
os.environ.setdefault("MPLCONFIGDIR", str(ROOT / ".venv" / "matplotlib"))  # its font cache stays in the folder too

import matplotlib as mpl  # noqa: E402 (it reads the line above when it is imported)
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

EXAMPLES = ROOT / "openapi" / "examples"

_CLOSED, _KEPT = "#b2452f", "#e4e1da"


def policies() -> str:
    """The closed share of every account under each policy, an SVG."""
    request = json.loads((EXAMPLES / "adl-allocate-policies.request.json").read_bytes())
    answer = json.loads((EXAMPLES / "adl-allocate-policies.answer.json").read_bytes())
    other = "short" if request["bankrupt"]["side"] == "long" else "long"
    columns = request["columns"]
    held = {
        id_: size
        for id_, side, size in zip(columns["id"], columns["side"], columns["size"], strict=True)
        if side == other
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # the same file on every machine, whatever its owner's settings
        mpl.rcParams.update({"svg.hashsalt": "adlrisk", "svg.fonttype": "none", "font.size": 9.0})
        figure = Figure(figsize=(8.0, 4.6), layout="constrained")
        for axes, result in zip(figure.subplots(2, 3, sharey=True).flat, answer["results"], strict=True):
            _panel(axes, result, held)
        figure.supylabel("closed share of the position, %")
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def _panel(axes: Axes, result: dict[str, Any], held: dict[str, float]) -> None:
    closed = dict(zip(result["columns"]["id"], result["columns"]["closed"], strict=True))
    shares = [100.0 * closed.get(account, 0.0) / size for account, size in held.items()]
    axes.bar(list(held), [100.0] * len(held), color=_KEPT, width=0.75)
    bars = axes.bar(list(held), shares, color=_CLOSED, width=0.75)
    axes.bar_label(bars, labels=[f"{share:.0f}" for share in shares], padding=1.0, fontsize=8.0)
    axes.set_ylim(0.0, 112.0)
    axes.set_yticks([0, 50, 100])
    axes.set_title(f"{result['policy']}\ntop leverage after: {result['top_leverage_after']:.1f}", fontsize=9.0)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    Path(__file__).with_name("policies.svg").write_text(policies())
