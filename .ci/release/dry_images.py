"""The images of a release, built without a daemon, and a registry on the loopback to push them to, with the chart."""

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import image
from helm_program import helm
from release import ReleaseError
from release.files import digest_of, run
from release.registry import IMAGES
from release.version import read_version

_REGISTRY: Final = "docker-registry"  # Debian's package of that name
_SECONDS: Final = 20.0


class NotRunError(Exception):
    """A step cannot run here; the message says what is missing."""


def build_images(folder: Path) -> str:
    """Build all images for this machine, and write each with its SBOM to the folder; returns what they are.

    Raises:
        NotRunError: a program is missing.
    """
    missing = image.missing_programs()
    if missing:
        raise NotRunError(f"{', '.join(missing)} is missing here")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version, revision = read_version(), run("git", "rev-parse", "HEAD").strip()
    said = []
    for name, extra in IMAGES.items():
        built = image.build_release(f"{name}:{version}", VERSION=version, REVISION=revision, EXTRAS=extra)
        configuration = image.inspect(built)["OCIv1"]
        if configuration["config"]["Labels"]["org.opencontainers.image.version"] != version:
            raise ReleaseError(f"the image {name} has another version in its label than {version}")
        stem = f"{name}-{version}-linux-{configuration['architecture']}"
        image.save(built, folder / f"{stem}.oci.tar")
        sbom = image.build_sbom(EXTRAS=extra)
        (folder / f"{stem}.cdx.json").write_text(json.dumps(sbom, indent=2))
        said.append(f"{stem} of {len(sbom['components'])} packages")
    return f"{', '.join(said)}; on a Debian base made here, not on the pinned one, which is in a registry"


def push_all(files: Path) -> str:
    """Push images and chart to a registry, and pull the chart again; returns their digests.

    Raises:
        NotRunError: there is no registry to start, or there are no images.
        ReleaseError: the chart comes back otherwise.
    """
    if shutil.which(_REGISTRY) is None or image.missing_programs():
        raise NotRunError(f"Debian's package {_REGISTRY} is missing here")
    version = read_version()
    with _registry() as host:
        digests = {
            f"{name}:{version}": image.push(f"localhost/{name}:{version}", f"{host}/{name}:{version}")
            for name in IMAGES
        }
        (chart,) = files.glob("adlrisk-chart-*.tgz")
        run(str(helm("helm4")), "push", str(chart), f"oci://{host}/charts", "--plain-http")
        with tempfile.TemporaryDirectory() as back:
            pull = ("pull", f"oci://{host}/charts/adlrisk", "--version", version, "--plain-http", "--destination", back)
            run(str(helm("helm4")), *pull)
            (pulled,) = Path(back).iterdir()
            if digest_of(pulled) != digest_of(chart):
                raise ReleaseError("the chart that the registry has is another one than was pushed")
    return ", ".join(f"{name} {digest}" for name, digest in digests.items()) + "; the chart came back unchanged"


@contextlib.contextmanager
def _registry() -> Iterator[str]:
    """Run a registry on the loopback; yields its host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "config.yml"
        storage = {"filesystem": {"rootdirectory": f"{folder}/store"}}
        settings = {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": {"addr": host}}
        configuration.write_text(json.dumps(settings))  # which YAML includes
        process = subprocess.Popen(
            [_REGISTRY, "serve", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(host)
            yield host
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _wait_for(host: str) -> None:
    name, port = host.split(":")
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((name, int(port)), timeout=1.0):
            return
        time.sleep(0.05)
    raise ReleaseError(f"the registry on {host} did not start")
