"""The generator of the chart's README from its values and their comments; run by ``make generated``."""

from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).parent / "adlrisk"

_HEAD: Final = """# The adlrisk chart

Installs the service on Kubernetes 1.25 or newer with Helm 3 or 4. Image and chart come from this repository; see
[docs/deployment.md](../../docs/deployment.md) for the three commands, and `values-production.yaml` for an example.

Unknown values are rejected.

| value | default | meaning |
|---|---|---|
"""


def readme() -> str:
    """The text of the README."""
    text = (CHART / "values.yaml").read_text()
    rows = [f"| `{name}` | `{_format_default(default)}` | {meaning} |" for name, default, meaning in values(text)]
    return _HEAD + "\n".join(rows) + "\n"


def values(text: str) -> list[tuple[str, Any, str]]:
    """Name, default and comment of every value in the YAML that ``text`` is.

    Raises:
        ValueError: one has no comment.
    """
    root: Any = yaml.compose(text)
    lines = text.splitlines()
    found: list[tuple[str, Any, str]] = []

    def walk(node: yaml.MappingNode, within: str) -> None:
        for key, value in node.value:
            name, meaning = within + key.value, _comment_above(lines, key.start_mark.line)
            if isinstance(value, yaml.MappingNode) and value.value and not meaning:
                walk(value, f"{name}.")
            elif not meaning:
                raise ValueError(f"{name} has no comment")
            else:
                found.append((name, yaml.safe_load(yaml.serialize(value)), meaning))

    walk(root, "")
    return found


def _comment_above(lines: list[str], line: int) -> str:
    above: list[str] = []
    while line > 0 and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        above.insert(0, lines[line].strip().lstrip("# "))
    return " ".join(above)


def _format_default(default: Any) -> str:
    return yaml.safe_dump(default, default_flow_style=True, width=10_000).strip().removesuffix("\n...").strip()


if __name__ == "__main__":
    (CHART / "README.md").write_text(readme())
