"""The built image, and the service in it as in production: no root, a read-only root file system."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import image
from support.running import ROOT, example

pytestmark = pytest.mark.skipif(
    "NO_SKIPS" not in os.environ and (os.geteuid() != 0 or bool(image.missing_programs())),
    reason="needs root, buildah and debootstrap",
)
HADOLINT = Path(sys.executable).with_name("hadolint")
BUILD_TOOLS = ("gcc", "cc", "make", "pip", "pip3", "uv", "git", "curl", "wget", "dpkg-buildpackage")


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    return image.build()


@pytest.fixture(scope="module")
def root(built: dict[str, Any]) -> Iterator[Path]:
    assert built
    with image.mounted() as files:
        yield files


@pytest.fixture(scope="module")
def served(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, float]]:
    with image.serving(root, tmp_path_factory.mktemp("image") / "log") as running:
        yield running


def inside(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/opt/adlrisk/bin:/usr/sbin:/usr/bin:/bin"}
    return subprocess.run(
        image.command_in(root, *command), env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def installed_in(root: Path) -> dict[str, str]:
    script = (
        "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions(path=["
        "'/opt/adlrisk/lib/python3.11/site-packages'])}))"
    )
    found: dict[str, str] = json.loads(inside(root, "python3", "-c", script).stdout)
    return found


def test_the_image_has_the_documented_configuration(built: dict[str, Any]) -> None:
    """The image has a user other than root, exec form, a health check without curl, OCI labels and the port."""
    configuration = built["Docker"]["config"]
    assert configuration["User"] == f"{image.USER}:{image.USER}"
    assert configuration["Entrypoint"] == ["adlrisk"]
    assert configuration["Cmd"] == ["serve", "--host", "0.0.0.0", "--port", "8000", "--probe-port", "8001"]
    assert configuration["Healthcheck"]["Test"] == ["CMD", "adlrisk", "probe", "http://127.0.0.1:8001"]
    assert configuration["ExposedPorts"] == {"8000/tcp": {}, "8001/tcp": {}}
    labels = configuration["Labels"]
    for name in ("title", "description", "version", "revision"):
        assert labels[f"org.opencontainers.image.{name}"]
    assert labels["org.opencontainers.image.revision"] == "test"


def test_the_worked_example_is_scored_in_the_container(served: tuple[str, float]) -> None:
    """Scores and books, the worker included, are answered without root on a read-only root file system."""
    url, _ = served
    assert httpx.post(f"{url}/score", json=example("score.request")).json()["score"] == 8
    assert httpx.post(f"{url}/queue/rank", json=example("queue-rank.request")).is_success
    rows = [{"id": str(n), "side": "long", "size": 1, "entry_price": 100 + n, "leverage": 5} for n in range(5000)]
    book = {"venue": "bitmex", "mark_price": 110, "positions": rows}
    assert httpx.post(f"{url}/queue/rank", json=book, timeout=30).is_success
    assert httpx.get(f"{url}/docs").is_success
    assert httpx.get(f"{url}/openapi.json").json() == json.loads((ROOT / "openapi" / "openapi.json").read_bytes())


def test_the_user_cannot_write(root: Path) -> None:
    """The root file system is read-only, and the user owns no file."""
    assert inside(root, "id", "-u").stdout.strip() == str(image.USER)
    assert "Read-only file system" in inside(root, "python3", "-c", "open('/opt/adlrisk/x', 'w')").stderr
    owned = subprocess.run(["find", str(root), "-xdev", "-uid", str(image.USER)], capture_output=True, check=True)
    assert owned.stdout == b""


def test_any_user_can_run_it(root: Path) -> None:
    """A user that the image does not know, in the group of root as OpenShift has it, can score."""
    command = image.command_in(root, "adlrisk", "score", "--json", "-", user="1000680000:0")
    body = json.dumps(example("score.request"))
    environ = {"PATH": "/opt/adlrisk/bin:/usr/sbin:/usr/bin:/bin"}
    done = subprocess.run(command, env=environ, input=body, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["score"] == 8


def test_no_build_tools_are_in_the_image(root: Path) -> None:
    """The image has no compiler, no installer and no downloader."""
    for folder in ("usr/bin", "usr/local/bin", "opt/adlrisk/bin", "bin"):
        for tool in BUILD_TOOLS:
            assert not (root / folder / tool).exists(), f"{folder}/{tool}"


def test_installed_packages_are_the_locked_ones(root: Path) -> None:
    """Each package has the locked version, and the service's own modules are compiled."""
    installed = installed_in(root)
    lock = (ROOT / "uv.lock").read_text()
    assert {"adlrisk", "litestar", "msgspec", "numpy", "redis"} <= set(installed)
    for name, version in installed.items():
        normalized = re.sub(r"[-_.]+", "-", name.lower())
        assert f'name = "{normalized}"\nversion = "{version}"' in lock
    assert list(root.glob("opt/adlrisk/lib/python*/site-packages/adlrisk/**/*.pyc"))


def test_the_health_check_works(root: Path, served: tuple[str, float]) -> None:
    """The health check succeeds against the running service, and fails without one."""
    url, _ = served
    assert inside(root, "adlrisk", "probe", url).returncode == 0
    assert inside(root, "adlrisk", "probe", "http://127.0.0.1:1").returncode == 1


def test_the_sbom_lists_the_installed_packages(root: Path) -> None:
    """The SBOM is CycloneDX, with each installed package in its version, and no other."""
    sbom = image.build_sbom()
    assert sbom["bomFormat"] == "CycloneDX"
    named = {component["name"]: component["version"] for component in sbom["components"]}
    installed = installed_in(root)
    assert named == installed


def test_only_the_collectors_image_has_ccxt(root: Path) -> None:
    """The image with the extra can call a venue (here an absent one); the service's names the missing extra."""
    assert "ccxt" not in installed_in(root)
    without = inside(root, "adlrisk", "collect", "--once", "--market", "okx:BTC/USDT:USDT")
    assert without.returncode == 1
    assert "adlrisk[collect]" in without.stderr
    image.build_collector()
    with image.mounted(image.COLLECTOR) as collector:
        assert {"ccxt", "stamina"} <= set(installed_in(collector))
        asked = inside(collector, "env", "ADLRISK_COLLECT_URLS=okx=http://127.0.0.1:9", "adlrisk", "collect", "--once",
                       "--market", "okx:BTC/USDT:USDT")  # fmt: skip
        assert asked.returncode == 1
        assert "unavailable" in asked.stderr


def test_the_dockerfile_is_clean() -> None:
    """Hadolint finds nothing in the Dockerfile."""
    done = subprocess.run([HADOLINT, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
