"""The whole HTTP surface, fuzzed against the service's own OpenAPI document with all checks; `make fuzz` does more."""

import re

from support.contract.campaign import run_without_aliases


def test_live_server_keeps_the_contract() -> None:
    """No request, in any phase, causes a 500 or an answer that the document does not describe."""
    run = run_without_aliases("--max-examples", "20")
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout, run.stdout[-2000:]
    assert re.findall(r"✅  (\w+) \(in", run.stdout) == ["Examples", "Coverage", "Fuzzing", "Stateful"]
    assert re.search(r"API Links: +[1-9][0-9]* covered", run.stdout), "no sequence of requests was tried"
