"""The alert rules by themselves, checked by promtool."""

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from prometheus_server import RULES, program

TESTS: Final = sorted(Path(__file__).parent.joinpath("rules").glob("*test.yaml"))


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    return found


def assert_succeeds(*arguments: str) -> None:
    done = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def name_of(rule: dict[str, str]) -> str:
    return rule.get("record") or rule["alert"]


def names_in(expression: str) -> set[str]:
    """The words of an expression, all metrics among them."""
    return set(re.findall(r"[a-zA-Z_:][\w:]*", expression))


def needed(asked: Iterable[str], rules: list[dict[str, str]]) -> set[str]:
    """The names of the rules that decide about ``asked``: these and all that their expressions name, and so on."""
    found: set[str] = set()
    following = set(asked)
    while following:
        found |= following
        named = [names_in(rule["expr"]) for rule in rules if name_of(rule) in following]
        following = (set().union(*named) & {name_of(rule) for rule in rules}) - found
    return found


def write_with_needed_rules(test: dict[str, Any], of: dict[str, Any], folder: Path) -> Path:
    """Write a test of a file beside those rules only that decide about it.

    promtool evaluates all rules of a file in each minute of each test, which takes ten times as long.
    """
    groups = load(RULES)["groups"]
    asked = {case["alertname"] for case in test.get("alert_rule_test", [])}
    for case in test.get("promql_expr_test", []):
        asked |= names_in(case["expr"])
    kept = needed(asked, [rule for group in groups for rule in group["rules"]])
    reduced = [{**group, "rules": [rule for rule in group["rules"] if name_of(rule) in kept]} for group in groups]
    folder.mkdir()
    (folder / "rules.yaml").write_text(json.dumps({"groups": [group for group in reduced if group["rules"]]}))
    (folder / "test.yaml").write_text(json.dumps({**of, "rule_files": ["rules.yaml"], "tests": [test]}))
    return folder / "test.yaml"


def test_promtool_accepts_the_rules() -> None:
    """Prometheus can load the rules, and there are no duplicates."""
    assert_succeeds("check", "rules", "--lint-fatal", str(RULES))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_promtool_unit_tests_pass(path: Path, tmp_path: Path) -> None:
    """The alerts fire when they should and only then, with their real durations."""
    of = load(path)
    tests = [write_with_needed_rules(test, of, tmp_path / str(number)) for number, test in enumerate(of["tests"])]
    assert_succeeds("test", "rules", *map(str, tests))


def test_no_rule_depends_on_what_it_does_not_name() -> None:
    """So a test of a rule needs only the rules that it names."""
    for text in (RULES, *TESTS):
        assert not re.search(r"__name__|\bALERTS", text.read_text())


def test_every_alert_is_tested_both_ways() -> None:
    """Each alert fires in one of promtool's tests, and does not fire in another."""
    alerts = {rule["alert"] for group in load(RULES)["groups"] for rule in group["rules"] if "alert" in rule}
    tests = [test for path in TESTS for test in load(path)["tests"]]
    cases = [case for test in tests for case in test.get("alert_rule_test", [])]
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == alerts
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == alerts
