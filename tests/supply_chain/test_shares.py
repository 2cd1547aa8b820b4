"""The shares in which CI runs the tests: together they are all tests, each once."""

import re

from support.running import ROOT

CI = (ROOT / ".ci" / "run").read_text()
SHARES = {name: folders.split() for name, folders in re.findall(r'^(\w+)="(tests/[^"]*)"$', CI, re.MULTILINE)}


def test_no_test_is_in_two_shares() -> None:
    """The folders of the shares are there, and none is within another."""
    folders = [ROOT / folder for share in SHARES.values() for folder in share]
    assert len(SHARES) == 4
    assert [folder for folder in folders if not folder.is_dir()] == []
    assert [
        (one, other) for at, one in enumerate(folders) for other in folders[at + 1 :] if one in (other, *other.parents)
    ] == []


def test_the_last_share_has_what_the_others_leave() -> None:
    """It ignores exactly the folders of the others, and names none of its own, so that a new folder is in it."""
    (others,) = re.findall(r"^test_others\(\) \{ share \"\$\(printf -- '--ignore=%s ' (.*)\)\"; \}$", CI, re.MULTILINE)
    assert others.split() == [f"${name}" for name in SHARES]


def test_ci_runs_every_share() -> None:
    """Each has a part of its own, beside the other parts."""
    assert set(re.findall(r'^test_(\w+)\(\) \{ share "\$(\w+)"; \}$', CI, re.MULTILINE)) == {
        (name, name) for name in SHARES
    }
    assert f'tests="{" ".join(f"test_{name}" for name in (*SHARES, "others"))}"' in CI
    assert CI.splitlines()[-1].startswith("side_by_side $tests ")
