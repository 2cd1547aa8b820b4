"""The alert rules by themselves, checked by promtool."""

import subprocess
from pathlib import Path

import yaml

from prometheus_server import RULES, program

TESTS = sorted(Path(__file__).parent.joinpath("rules").glob("*test.yaml"))


def assert_succeeds(*arguments: str) -> None:
    done = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_the_rules() -> None:
    """Prometheus can load the rules, and there are no duplicates."""
    assert_succeeds("check", "rules", "--lint-fatal", str(RULES))


def test_promtool_unit_tests_pass() -> None:
    """The alerts fire when they should and only then, with their real durations."""
    assert_succeeds("test", "rules", *map(str, TESTS))


def test_every_alert_is_tested_both_ways() -> None:
    """Each alert fires in one of promtool's tests, and does not fire in another."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    tests = [test for path in TESTS for test in yaml.safe_load(path.read_text())["tests"]]
    cases = [case for test in tests for case in test.get("alert_rule_test", [])]
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == alerts
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == alerts
