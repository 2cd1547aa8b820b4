"""The generator of the recording rules of the service levels within rules.yaml; run by ``make generated``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adlrisk.telemetry.slo import SERVICE_LEVELS, ServiceLevel

RULES: Final = Path(__file__).parent / "adlrisk" / "files" / "rules.yaml"
BEGIN: Final = "      # Generated from telemetry/slo.py by make generated, up to the end of this group.\n"
END: Final = "  # End of what is generated.\n"

_DURATION: Final = "adlrisk_http_request_duration_seconds"


def with_level_rules(text: str) -> str:
    """``text`` with the rules of the service levels between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "".join(_rules()) + END + after


def _rules() -> Iterator[str]:
    for level in SERVICE_LEVELS:
        matched = _routes(level)
        requests = f"adlrisk_http_requests_total{{{matched}}}"
        failures = f'adlrisk_http_requests_total{{{matched}, status=~"5.."}}'
        timed = f"{_DURATION}_count{{{matched}}}"
        fast = f'{_DURATION}_bucket{{{matched}, le="{level.seconds}"}}'
        yield _rule("requests", level, "availability", f"{_rate(requests)}\n")
        yield _rule("bad", level, "availability", f"{_rate(failures)}\n")
        yield _rule("requests", level, "latency", f"{_rate(timed)}\n")
        yield _rule("bad", level, "latency", f"{_rate(timed)}\n- {_rate(fast)}\n")


def _routes(level: ServiceLevel) -> str:
    return f'route="{level.routes[0]}"' if len(level.routes) == 1 else f'route=~"{"|".join(level.routes)}"'


def _rate(selector: str) -> str:
    return f"sum by (namespace, job) (rate({selector}[5m]))"


def _rule(what: str, level: ServiceLevel, promise: str, expression: str) -> str:
    indented = "".join(f"          {line}\n" for line in expression.splitlines())
    return (
        f"      - record: adlrisk:{what}:rate5m\n"
        f"        labels: {{routes: {level.name}, promise: {promise}}}\n"
        f"        expr: |\n{indented}"
    )


if __name__ == "__main__":
    RULES.write_text(with_level_rules(RULES.read_text()))
