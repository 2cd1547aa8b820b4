"""The examples of the documentation run, and do what they say."""

import runpy
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from support.running import ROOT, load_script

FOLDER = ROOT / "docs" / "examples"


@pytest.fixture(scope="module")
def day() -> ModuleType:
    """The example that replays a day."""
    return load_script(FOLDER / "replay_a_day.py")


@pytest.mark.parametrize(
    "script",
    [script for script in sorted(FOLDER.glob("*.py")) if "adlrisk.client" not in script.read_text()],
    ids=lambda path: path.name,
)
def test_every_example_without_a_service_runs_as_a_program(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints something, and nothing that is not finite."""
    runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed
    assert "nan" not in printed.split()


def test_a_day_of_minutes_is_replayed_over_ten_thousand_accounts(day: ModuleType) -> None:
    """Nobody is due in the morning, the fall after noon liquidates many, and ADL begins once the fund is used up."""
    book, marks = day.make_book(10_000, seed=1), day.make_marks(1440, seed=2)
    answer = day.replay(book, marks)
    assert [step.mark_price for step in answer.steps] == marks.tolist()
    assert len(book["id"]) == 10_000
    assert sum(step.liquidated.accounts for step in answer.steps[:600]) == 0
    assert sum(step.liquidated.accounts for step in answer.steps) > 100
    reached = [minute for minute, step in enumerate(answer.steps) if step.adl.size]
    assert reached
    assert all(answer.steps[minute].left_over.fund > 0.0 for minute in reached)
    assert len(answer.positions) == 1000


def test_a_replay_depends_on_nothing_but_book_and_marks(day: ModuleType) -> None:
    """The same day twice is the same, and the first hours do not depend on what comes later."""
    book, marks = day.make_book(1_000, seed=1), day.make_marks(1440, seed=2)
    whole = day.replay(book, marks)
    assert day.replay(day.make_book(1_000, seed=1), day.make_marks(1440, seed=2)) == whole
    assert day.replay(book, marks[:750]).steps == whole.steps[:750]
    assert not np.array_equal(day.make_marks(1440, seed=3), marks)
