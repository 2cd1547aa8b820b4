"""Every step of the release workflow that can run on this machine; `make release-dry-run`.

Nothing is published: images and chart go to a registry on the loopback that lives for one step. Fails if a step does; a
step whose programs are missing is shown as not run, as are those that need the forge.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from release import ROOT, ReleaseError
from release.changelog import find_notes
from release.dry_images import NotRunError, build_images, push_all
from release.files import UV, digest_of, make_files, run
from release.fresh_environment import try_wheel
from release.version import find_disagreements, read_version

FOLDER: Final = ROOT / ".release"
_ELSEWHERE: Final = (
    ("images for arm64", "they are built on a machine of that kind"),
    ("the index of the two architectures", "it needs both images"),
    ("provenance and signatures", "they are signed with the identity that the forge gives to the workflow"),
    ("upload to the package index", "it needs that identity, too"),
    ("the release on the forge", "it needs the tag there"),
)


class Step(NamedTuple):
    """A step by name; it returns what it found."""

    name: str
    run: Callable[[], str]


def main() -> int:
    """Run the steps, then list what they made; returns 1 if one failed."""
    files, images = FOLDER / "files", FOLDER / "images"
    steps = (
        Step("version", _check_version),
        Step("release notes", _check_notes),
        Step("sdist, wheel, chart, SBOM", lambda: _make_files(files)),
        Step("wheel in a fresh environment", lambda: try_wheel(files, FOLDER / "environment")),
        Step("packages as an index takes them", lambda: _check_packages(files)),
        Step("images for this machine", lambda: build_images(images)),
        Step("push to a registry, and back", lambda: push_all(files)),
    )
    outcomes = [_run(step) for step in steps]
    for name, why in _ELSEWHERE:
        print(f"NOT RUN  {name}: {why}")
    print("\n| artefact | bytes | SHA-256 |\n|---|---|---|")
    for path in sorted([*files.glob("*"), *images.glob("*")]):
        print(f"| `{path.name}` | {path.stat().st_size:,} | `{digest_of(path)}` |")
    return int(not all(outcomes))


def _run(step: Step) -> bool:
    started = time.monotonic()
    try:
        outcome = f"ok       {step.name}: {step.run()}"
    except NotRunError as error:
        outcome = f"NOT RUN  {step.name}: {error}"
    except (ReleaseError, AssertionError, OSError) as error:
        print(f"FAILED   {step.name}: {error}", flush=True)
        return False
    print(f"{outcome} ({time.monotonic() - started:.0f} s)", flush=True)
    return True


def _check_version() -> str:
    wrong = find_disagreements()
    if wrong:
        raise ReleaseError("\n".join(wrong))
    return f"{read_version()} everywhere"


def _check_notes() -> str:
    name, notes = find_notes((ROOT / "CHANGELOG.md").read_text(), read_version())
    return f"{len(notes.splitlines())} lines of the section {name}"


def _make_files(folder: Path) -> str:
    make_files(folder)
    return f"{len(list(folder.iterdir()))} files"


def _check_packages(folder: Path) -> str:
    """Have uv check the packages as before an upload; the address is one where nobody listens."""
    packages = [str(path) for path in sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])]
    run(UV, "publish", "--dry-run", "--trusted-publishing", "never", "--publish-url", "http://127.0.0.1:9/", *packages)
    return f"{len(packages)} packages, none uploaded"


if __name__ == "__main__":
    sys.exit(main())
