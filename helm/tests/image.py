"""The image, built and run without a daemon, by Debian's debootstrap and buildah. Needs root.

Base images are cached in ``.venv/image``.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from support.redis_servers import free_port
from support.running import ROOT
from waiting import is_ready, until

USER: Final = 65532

_STORE: Final = ROOT / ".venv" / "image"
_CERTIFICATES: Final = "/etc/ssl/certs"
_PINNED: Final = re.compile(r"^FROM \S+@sha256:[0-9a-f]{64} AS (?P<stage>\w+)$", re.MULTILINE)
_BASE, _BUILD, _SERVICE, _SBOM, COLLECTOR = (
    f"localhost/{name}"
    for name in ("python:test", "python-pip:test", "adlrisk:test", "adlrisk-sbom:test", "adlrisk-collector:test")
)
_BASES: Final = {"build": _BUILD, "service": _BASE}


def missing_programs() -> list[str]:
    """The missing programs."""
    return [name for name in ("buildah", "debootstrap", "unshare") if shutil.which(name) is None]


def build() -> dict[str, Any]:
    """Build the service's image; returns its configuration."""
    _build_bases()
    _buildah("rmi", "--prune")  # what the last run's images have replaced, and layers that it has not used again
    _build_image(_SERVICE, target="service")
    return inspect(_SERVICE)


def build_sbom(**arguments: str) -> dict[str, Any]:
    """Build the SBOM's target with build arguments; returns the SBOM."""
    _build_bases()
    _build_image(_SBOM, target="sbom", **arguments)
    with mounted(_SBOM) as root:
        content: dict[str, Any] = msgspec.json.decode((root / "sbom.json").read_bytes())
    return content


def build_collector() -> None:
    """Build the collector's image."""
    _build_bases()
    _build_image(COLLECTOR, target="service", EXTRAS="collect")


def build_release(name: str, **arguments: str) -> str:
    """Build an image of a release with build arguments; returns its name in the store here."""
    _build_bases()
    _build_image(f"localhost/{name}", target="service", **arguments)
    return f"localhost/{name}"


def save(image: str, archive: Path) -> None:
    """Write the image to an archive in the layout of OCI."""
    archive.unlink(missing_ok=True)
    _buildah("push", "--quiet", "--format", "oci", image, f"oci-archive:{archive}")


def push(image: str, destination: str) -> str:
    """Push the image to a registry without TLS; returns the digest of its manifest."""
    with tempfile.NamedTemporaryFile("r") as digest:
        options = ("--quiet", "--tls-verify=false", "--format", "oci", "--digestfile", digest.name)
        _buildah("push", *options, image, f"docker://{destination}")
        return digest.read().strip()


def inspect(image: str = _SERVICE) -> dict[str, Any]:
    """The image's metadata."""
    found: dict[str, Any] = msgspec.json.decode(_buildah("inspect", "--type", "image", image))
    return found


@contextlib.contextmanager
def mounted(image: str = _SERVICE) -> Iterator[Path]:
    """The image's files."""
    container = _buildah("from", image).strip()
    try:
        yield Path(_buildah("mount", container).strip())
    finally:
        _buildah("umount", container)
        _buildah("rm", container)


def command_in(root: Path, *command: str, user: str = f"{USER}:{USER}") -> list[str]:
    """The command line that runs ``command`` on ``root``, read-only, as the image's user or another, with ``/proc``."""
    inside = (
        f"mount --bind {root} {root} && mount -o remount,ro,bind {root} && mount -t proc proc {root}/proc && "
        f'exec chroot --userspec={user} {root} "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", inside, "sh", *command]


@contextlib.contextmanager
def serving(root: Path, log: Path) -> Iterator[tuple[str, float]]:
    """Run the image's own command in the image; yields its URL and the seconds until it was ready."""
    configuration = inspect()["Docker"]["config"]
    port = free_port()
    free = {"8000": str(port), "8001": str(free_port())}
    command = [*configuration["Entrypoint"], *(free.get(word, word) for word in configuration["Cmd"])]
    environ = dict(variable.split("=", 1) for variable in configuration["Env"])
    started = time.monotonic()
    with log.open("wb") as written:
        process = subprocess.Popen(command_in(root, *command), env=environ, stdout=written, stderr=written)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: is_ready(url), f"the container: {log.read_text()}", pause_seconds=0.02)
        yield url, time.monotonic() - started
    finally:
        process.terminate()
        process.wait(60)


def _build_bases() -> None:
    """A minimal Debian with Python, and the same with this machine's pip, which is quicker than Debian's package."""
    if _BASE not in _buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
        with tempfile.TemporaryDirectory() as folder:
            include = "--include=python3,ca-certificates"
            _run("debootstrap", "--variant=minbase", include, "bookworm", f"{folder}/root")
            for emptied in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
                shutil.rmtree(f"{folder}/root/{emptied}")
            container = _buildah("from", "scratch").strip()
            _buildah("copy", "--quiet", container, f"{folder}/root", "/")
            _buildah("commit", "--quiet", "--rm", container, _BASE)
    if _BUILD not in _buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
        container = _buildah("from", _BASE).strip()
        pip = _run(str(Path(sys.base_prefix) / "bin" / "python3"), "-c", "import pip; print(*pip.__path__)").strip()
        _buildah("copy", "--quiet", container, pip, "/usr/lib/python3/dist-packages/pip")
        _buildah("commit", "--quiet", "--rm", container, _BUILD)


def _build_image(name: str, *, target: str, **arguments: str) -> None:
    """Build from the Dockerfile, with local bases in place of the pinned ones, which are in a registry."""
    arguments = {"REVISION": "test", **arguments}
    given = [part for key, value in arguments.items() for part in ("--build-arg", f"{key}={value}")]
    dockerfile, replaced = _PINNED.subn(
        lambda found: f"FROM {_BASES[found['stage']]} AS {found['stage']}", (ROOT / "Dockerfile").read_text()
    )
    assert replaced == len(_BASES)
    with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile") as file:
        file.write(dockerfile)
        file.flush()
        options = ("--file", file.name, "--format", "docker", *_volumes(), *given, "--target", target, "--tag", name)
        _buildah("build", "--quiet", "--layers", *options, str(ROOT))  # the SBOM's first stage is the service's


def _volumes() -> list[str]:
    """The machine's CA certificates, for networks with a CA of their own."""
    return ["--volume", f"{_CERTIFICATES}:{_CERTIFICATES}:ro"] if Path(_CERTIFICATES).is_dir() else []


def _buildah(*arguments: str) -> str:
    options = ("--root", str(_STORE / "store"), "--runroot", str(_STORE / "run"))
    return _run("buildah", *options, *arguments, BUILDAH_ISOLATION="chroot")


def _run(*command: str, **environ: str) -> str:
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[:1])}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout
