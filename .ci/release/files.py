"""The files of a release: packages, chart, SBOM, notes and checksums. Run as a program, it makes them in a folder."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from helm_program import CHART, helm
from release import ROOT, ReleaseError
from release.changelog import find_notes
from release.version import read_version

NOTES: Final = "RELEASE_NOTES.md"
CHECKSUMS: Final = "SHA256SUMS"
UV: Final = str(Path(sys.executable).with_name("uv"))

_SBOM: Final = ("export", "--quiet", "--frozen", "--no-default-groups", "--all-extras", "--format", "cyclonedx1.5")


def make_files(folder: Path) -> None:
    """Make all files anew in the folder: what is in it is removed."""
    version = read_version()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # The wheel is built from the source distribution, so that this one is whole; both have the time of the commit.
    environ = {**os.environ, "SOURCE_DATE_EPOCH": run("git", "log", "-1", "--format=%ct").strip()}
    run(UV, "build", "--quiet", "--no-create-gitignore", "--out-dir", str(folder), environ=environ)
    run(str(helm("helm4")), "package", str(CHART), "--destination", str(folder))
    (chart,) = folder.glob("adlrisk-*.tgz")
    chart.rename(folder / f"adlrisk-chart-{version}.tgz")  # apart from the source distribution's name
    (folder / f"adlrisk-{version}.cdx.json").write_text(run(UV, *_SBOM))
    _, notes = find_notes((ROOT / "CHANGELOG.md").read_text(), version)
    (folder / NOTES).write_text(notes)
    write_checksums(folder)


def write_checksums(folder: Path) -> None:
    """Write the file that ``sha256sum --check`` reads, of all other files in the folder."""
    lines = [f"{digest_of(path)}  {path.name}\n" for path in sorted(folder.iterdir()) if path.name != CHECKSUMS]
    (folder / CHECKSUMS).write_text("".join(lines))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def run(*command: str, environ: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    """The output of a command.

    Raises:
        ReleaseError: it fails; the message is its output.
    """
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(
            f"{' '.join(command[:2])} ends with {done.returncode}: {(done.stdout + done.stderr)[-4000:]}"
        )
    return done.stdout


if __name__ == "__main__":
    make_files(Path(sys.argv[1]))
