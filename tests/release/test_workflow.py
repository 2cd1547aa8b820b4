"""The release workflow: what each job may do, in which order, and that it does what can be tried here."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from release.registry import ARCHITECTURES, IMAGES
from support.running import ROOT

PATH = ROOT / ".github" / "workflows" / "release.yml"
TEXT = PATH.read_text()
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
PUBLISHES = {"packages", "contents", "attestations", "id-token"}  # with "write"


def needed(job: str) -> set[str]:
    """All jobs that must have passed before this one."""
    direct = JOBS[job].get("needs", [])
    names = {direct} if isinstance(direct, str) else set(direct)
    return names.union(*(needed(name) for name in names))


def writes(job: str) -> set[str]:
    return {name for name, access in JOBS[job]["permissions"].items() if access == "write"}


def steps(job: str) -> str:
    return yaml.safe_dump(JOBS[job]["steps"])


def steps_as_text(job: str) -> str:
    """The commands of a job, as they are written."""
    return "\n".join(step.get("run", "") for step in JOBS[job]["steps"])


def test_only_a_tag_starts_it_and_nothing_cancels_it() -> None:
    """No branch and no pull request can publish, and a tag that is pushed again waits for its first run."""
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads "on" so
    assert WORKFLOW["concurrency"] == {"group": "release-${{ github.ref }}", "cancel-in-progress": False}
    assert WORKFLOW["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_whatever_publishes_waits_for_the_tests(job: str) -> None:
    """A job that may write anything comes after the checks and all tests; a job that comes before may write nothing."""
    assert set(writes(job)) <= PUBLISHES
    if writes(job):
        assert {"check", "test", "files"} <= needed(job)
        assert JOBS[job]["environment"] in {"release", "package-index"}
    assert JOBS[job]["timeout-minutes"] <= 60


def test_nothing_is_built_where_the_signing_identity_is() -> None:
    """Jobs with the identity that signs run neither our code nor a build, but for uv, which uploads."""
    signing = {job for job in JOBS if "id-token" in writes(job)}
    assert signing == {"index", "sign", "publish"}
    for job in signing:
        assert not re.search(r"docker (build |run)|\.ci/|python", steps(job)), job
        assert set(re.findall(r"\bmake (\S+)", steps(job))) <= {".venv/uv"}
    assert [job for job in JOBS if "contents" in writes(job)] == ["release"]
    assert "checkout" not in steps("release")


def test_no_registry_is_named() -> None:
    """Registry, namespace and index are variables of the repository, and checked before anything else."""
    commands = re.sub(r"uses: .*", "", TEXT)
    assert not re.search(r"\b[\w-]+\.(?:io|com|org|dev|net)\b", commands)
    assert set(re.findall(r"vars\.(\w+)", TEXT)) == {
        "RELEASE_REGISTRY", "RELEASE_NAMESPACE", "RELEASE_REGISTRY_USER", "RELEASE_INDEX_URL",
    }  # fmt: skip
    checked = JOBS["check"]["steps"][-1]
    assert {"RELEASE_REGISTRY", "RELEASE_NAMESPACE", "RELEASE_INDEX_URL"} <= set(checked["env"])
    assert all("check" in needed(job) for job in JOBS if job != "check")


def test_images_are_those_of_the_dry_run() -> None:
    """All images, with their extras, are built for two architectures, each on a machine of its kind, and joined."""
    matrix = JOBS["image"]["strategy"]["matrix"]
    extras = {one["image"]: one["extra"] for one in matrix["include"] if "extra" in one}
    assert extras == IMAGES
    assert set(matrix["image"]) == set(JOBS["index"]["strategy"]["matrix"]["image"]) == set(IMAGES)
    runners = {one["architecture"]: one["runner"] for one in matrix["include"] if "runner" in one}
    assert set(runners) == set(matrix["architecture"]) == set(ARCHITECTURES) == {"amd64", "arm64"}
    assert [runner.endswith("-arm") for runner in runners.values()] == [False, True]


def test_what_is_signed_is_what_was_made() -> None:
    """Index and each architecture's image have provenance, and that one its SBOM; the registry names no digest."""
    attested = [step["with"] for step in JOBS["index"]["steps"] if "attest@" in step.get("uses", "")]
    assert [(one["subject-digest"].split(".")[-1].rstrip(" }"), "sbom-path" in one) for one in attested] == [
        ("both", False), ("amd64", False), ("arm64", False), ("amd64", True), ("arm64", True),
    ]  # fmt: skip
    for one in attested:
        if "sbom-path" in one:
            architecture = one["subject-digest"].split(".")[-1].rstrip(" }")
            assert one["sbom-path"] == f"image-${{{{ matrix.image }}}}-{architecture}/sbom.json"
    for job in ("image", "index", "chart"):
        assert ".Manifest.Digest" not in steps(job), "the registry is asked which digest to sign"
    said = "0.2.0-amd64: digest: sha256:" + "a1" * 32 + " size: 2413\n"  # the last line of `docker push`
    (pattern,) = re.findall(r"sed -n 's/(\^.* digest: .*)/\\1/p'", steps_as_text("image"))
    assert subprocess.run(
        ["sed", "-n", f"s/{pattern}/\\1/p"], input=f"The push refers to repository [x]\n{said}",
        capture_output=True, text=True, check=True,
    ).stdout == "sha256:" + "a1" * 32 + "\n"  # fmt: skip
    made = steps_as_text("index")
    assert made.index("create --dry-run") < made.index("sha256sum") < made.index("create --tag")


def test_what_is_in_the_registry_is_refused_before_it_is_pushed() -> None:
    """The check asks for all names of the release, and each image's job for its own, right before the push."""
    asked = steps_as_text("check")
    assert asked.index("docker login") < asked.index("python3 -m release check")
    assert JOBS["check"]["permissions"]["packages"] == "read"
    push = steps_as_text("image")
    assert push.index("docker login") < push.index("python3 -m release absent") < push.index("docker push")


def test_all_that_is_released_is_signed() -> None:
    """Files, all images and the chart have provenance before packages are uploaded and the release is made."""
    subjects = [step["with"] for step in JOBS["sign"]["steps"] if "attest@" in step.get("uses", "")]
    assert [one.get("subject-path", one.get("subject-name")) for one in subjects] == [
        "files/*", "${{ env.IMAGES }}/charts/adlrisk",
    ]  # fmt: skip
    for job in ("publish", "release"):
        assert {"sign", "index", "chart"} <= needed(job)


def test_targets_of_the_workflow_exist() -> None:
    """Each `make` of the workflow is a target, and CI itself is the test of a release."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"\bmake (\S+)", re.sub(r"#.*", "", TEXT)))
    assert targets == {"release-files", ".venv/uv"}
    assert all(f"\n{target}:" in makefile for target in targets)
    assert ".ci/run" in steps("test")


def test_settings_of_the_workflow_are_documented() -> None:
    """The page of releases has a row for each variable, and for no other."""
    page = (ROOT / "docs" / "releasing.md").read_text()
    assert set(re.findall(r"^\| `(RELEASE_\w+)` \|", page, re.MULTILINE)) == set(re.findall(r"vars\.(\w+)", TEXT))
    assert set(re.findall(r"secrets\.(\w+)", TEXT)) <= set(re.findall(r"`(RELEASE_\w+)`", page))


def test_targets_of_the_page_exist() -> None:
    """Each `make` of the page is a target of the Makefile."""
    named = set(re.findall(r"`make\s([a-z-]+)", (ROOT / "docs" / "releasing.md").read_text()))
    makefile = (ROOT / "Makefile").read_text()
    assert {"cut-release", "release-notes", "release-check", "release-dry-run", "release-cards"} <= named
    assert all(f"\n{target}:" in makefile for target in named)
