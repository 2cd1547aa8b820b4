"""The commands of a release, and the settings that its workflow needs."""

from pathlib import Path

import pytest

from release import ReleaseError
from release.__main__ import main
from release.registry import IMAGES, check_absent, names_of
from release.version import read_version
from release.workflow_settings import check_settings

SET = {"RELEASE_REGISTRY": "registry.test:5000", "RELEASE_NAMESPACE": "some-one/risk"}


@pytest.fixture
def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("release.registry._ask", lambda name: (False, f"ERROR: {name}: not found"))


def changelog(monkeypatch: pytest.MonkeyPatch, folder: Path, heading: str) -> None:
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- Something.\n")
    monkeypatch.setattr("release.__main__._CHANGELOG", folder / "CHANGELOG.md")


@pytest.mark.usefixtures("_set")
def test_a_tag_of_the_version_is_a_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its section in the changelog it passes, and prints the version for the steps that follow."""
    changelog(monkeypatch, tmp_path, f"{read_version()} - 2026-11-28")
    assert main(["check", f"v{read_version()}"]) == 0
    assert capsys.readouterr().out == f"version={read_version()}\n"


@pytest.mark.usefixtures("_set")
def test_a_version_is_released_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run again, or a tag pushed again, is refused once any name of the version is in the registry."""
    changelog(monkeypatch, tmp_path, f"{read_version()} - 2026-11-28")
    there = f"registry.test:5000/some-one/risk/adlrisk-watch:{read_version()}-arm64"
    monkeypatch.setattr("release.registry._ask", lambda name: (name == there, f"ERROR: {name}: not found"))
    assert main(["check", f"v{read_version()}"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{there} is in the registry already: ")


@pytest.mark.usefixtures("_set")
def test_another_tag_is_no_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tag of another version, and a version whose changes are still unreleased, are refused in one line."""
    changelog(monkeypatch, tmp_path, f"{read_version()} - 2026-11-28")
    for tag in ("v99.0.0", read_version(), "latest"):
        assert main(["check", tag]) == 1
        assert capsys.readouterr().err == f"the tag {tag} is not v{read_version()}, the version in pyproject.toml\n"
    changelog(monkeypatch, tmp_path, "Unreleased")
    assert main(["check", f"v{read_version()}"]) == 1
    assert capsys.readouterr().err == f"CHANGELOG.md has no section '{read_version()}'; it has Unreleased\n"


def test_settings_have_no_default(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the names of registry and namespace nothing is released, and both are asked for at once."""
    for name in SET:
        monkeypatch.delenv(name, raising=False)
    assert main(["check", f"v{read_version()}"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split(":")[0] for line in printed.err.splitlines()] == [
        f"set the repository's variable {name}" for name in SET
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELEASE_REGISTRY", "https://registry.test"),
        ("RELEASE_REGISTRY", "registry.test/me"),
        ("RELEASE_REGISTRY", "registry.test\nversion=1"),
        ("RELEASE_NAMESPACE", "SomeOne"),
        ("RELEASE_NAMESPACE", "/me"),
        ("RELEASE_NAMESPACE", "me/"),
        ("RELEASE_INDEX_URL", "http://index.test"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(name: str, value: str) -> None:
    """The message has name and value; the others are right."""
    check_settings(SET)
    check_settings({**SET, "RELEASE_INDEX_URL": "https://index.test/upload/"})
    with pytest.raises(ReleaseError) as refused:
        check_settings({**SET, name: value})
    assert str(refused.value).startswith(f"set the repository's variable {name}: ")
    assert str(refused.value).endswith(f"{value!r} is not that")


def test_wrong_commands_say_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one line."""
    for arguments in ([], ["publish"], ["check", "a", "b"], ["notes"]):
        assert main(arguments) == 2
        assert capsys.readouterr().err.startswith("usage: python -m release check [TAG] | absent NAME... | ")
    assert main(["absent"]) == 2


def test_notes_are_printed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing but the section, for a file or a page."""
    changelog(monkeypatch, tmp_path, "Unreleased")
    assert main(["notes", "Unreleased"]) == 0
    assert capsys.readouterr().out == "- Something.\n"


def test_an_older_version_is_not_cut(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number older than that of `pyproject.toml` is refused also before the first release; its own is the first."""
    changelog(monkeypatch, tmp_path, "Unreleased")
    written: list[str] = []
    monkeypatch.setattr("release.__main__.write_version", written.append)
    monkeypatch.setattr("release.__main__.read_version", lambda: "0.10.0")
    assert main(["cut", "0.9.9"]) == 1
    assert capsys.readouterr().err == "0.9.9 is not newer than 0.10.0, the version in pyproject.toml\n"
    assert written == []
    assert main(["cut", "0.10.0"]) == 0
    assert written == ["0.10.0"]


def test_what_is_in_the_registry_is_not_pushed_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One name that is there is refused, with what to do; all of them absent pass."""
    there = {"registry.test/me/adlrisk-watch:1.2.3"}
    monkeypatch.setattr("release.registry._ask", lambda name: (name in there, f"{name}: not found"))
    absent = ["registry.test/me/adlrisk:1.2.3", "registry.test/me/adlrisk-collector:1.2.3"]
    assert main(["absent", *absent]) == 0
    assert main(["absent", *absent, *there]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("registry.test/me/adlrisk-watch:1.2.3 is in the registry already: ")
    assert "cut the next number" in line


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        ("ERROR: registry.test/me/adlrisk:1.2.3: not found", True),
        ("ERROR: unexpected status from HEAD request: 404 Not Found", True),
        ("ERROR: manifest unknown: manifest unknown", True),
        ("ERROR: name unknown: repository name not known to registry", True),
        ("ERROR: failed to authorize: failed to fetch anonymous token: unexpected status: 403 Forbidden", True),
        ("ERROR: pull access denied, repository does not exist or may require authorization", True),
        ("ERROR: failed to do request: dial tcp: i/o timeout", False),
        ("ERROR: unexpected status from HEAD request: 503 Service Unavailable", False),
        ("ERROR: failed to do request: dial tcp: lookup registry.test: no such host", False),
        ("ERROR: failed to do request: x509: certificate signed by unknown authority", False),
        ('error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH', False),
        ("", False),
    ],
)
def test_a_registry_that_does_not_answer_has_not_said_no(
    monkeypatch: pytest.MonkeyPatch, words: str, absent: bool
) -> None:
    """Only words that mean "not there, or not for you" count as absent; a timeout or the registry's error does not."""
    monkeypatch.setattr("release.registry._ask", lambda _name: (False, words))
    if absent:
        check_absent(["registry.test/me/adlrisk:1.2.3"])
        return
    with pytest.raises(ReleaseError, match=r"^whether registry\.test/me/adlrisk:1\.2\.3 is in .* is not known"):
        check_absent(["registry.test/me/adlrisk:1.2.3"])


def test_all_names_of_a_release_are_asked_for() -> None:
    """Each image, its two architectures' tags, and the chart."""
    names = names_of("registry.test/me", "1.2.3")
    assert len(names) == len(set(names)) == 3 * len(IMAGES) + 1
    assert {"registry.test/me/adlrisk-watch:1.2.3", "registry.test/me/adlrisk-collector:1.2.3-arm64",
            "registry.test/me/adlrisk:1.2.3-amd64", "registry.test/me/charts/adlrisk:1.2.3"} <= set(names)  # fmt: skip


def test_nothing_is_written_where_a_cut_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A version that is none, or not newer, changes no file."""
    changelog(monkeypatch, tmp_path, "Unreleased")
    written: list[str] = []
    monkeypatch.setattr("release.__main__.write_version", written.append)
    before = (tmp_path / "CHANGELOG.md").read_text()
    assert main(["cut", "next"]) == 1
    assert "is no version" in capsys.readouterr().err
    (tmp_path / "CHANGELOG.md").write_text(f"{before}\n## 5.0.0 - 2026-01-01\n\n- x\n")
    assert main(["cut", "4.9.9"]) == 1
    assert written == []
    assert main(["cut", "5.0.1"]) == 0
    assert written == ["5.0.1"]
    assert (tmp_path / "CHANGELOG.md").read_text().count("\n## ") == 2
