"""The tests in a browser are a part of CI, apart from those that every machine can run."""

import re

import pytest

from support.running import ROOT


def test_ci_runs_the_tests_in_a_browser() -> None:
    """`make browser-test` is a part of the CI run, which installs a Chromium where there is none."""
    run = (ROOT / ".ci" / "run").read_text()
    assert "browser-test" in run.splitlines()[-1].split()
    assert "missing+=(chromium-headless-shell)" in run
    assert "\nbrowser-test: .venv/browser .venv-clients/made  ## " in (ROOT / "Makefile").read_text()


def test_a_machine_without_chromium_can_run_all_other_tests(request: pytest.FixtureRequest) -> None:
    """`make test`, or whatever ran this, collects none of the tests in a browser, none of which is skipped."""
    assert not [item.nodeid for item in request.session.items if "tests/browser/" in item.nodeid]
    assert "browser" in request.config.getini("norecursedirs")
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "browser").glob("*.py"))
    assert not re.search(r"pytest\.skip|mark\.skip|importorskip", tests)
