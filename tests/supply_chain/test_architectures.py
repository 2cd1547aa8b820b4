"""What the images install can be installed on both architectures without a compiler."""

import re
import tomllib
from typing import Any

import pytest

from support.running import ROOT

LOCK: dict[str, dict[str, Any]] = {
    package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
(PYTHON,) = set(re.findall(r"^FROM python:3\.(\d+)-slim@", DOCKERFILE, re.MULTILINE))


def installed_by(extra: str) -> set[str]:
    """The packages that an image with this extra may install."""
    found: set[str] = set()
    wanted = [("adlrisk", (extra,))]
    while wanted:
        name, extras = wanted.pop()
        package = LOCK[name]
        needs = list(package.get("dependencies", ()))
        for one in extras:
            needs += package.get("optional-dependencies", {}).get(one, ())
        for need in needs:
            if need["name"] in found and not need.get("extra"):
                continue
            if "sys_platform == 'win32'" not in need.get("marker", ""):
                found.add(need["name"])
                wanted.append((need["name"], tuple(need.get("extra", ()))))
    return found - {"adlrisk"}


def runs_on(wheel: str, machine: str) -> bool:
    """Whether the wheel of this address is for the images' Python on Linux with glibc."""
    *_, python, abi, platform = wheel.rsplit("/", 1)[-1].removesuffix(".whl").split("-")
    if platform == "any":
        return "py3" in python
    fits_python = (python == f"cp3{PYTHON}" and abi == python) or abi in {"abi3", "none"}
    return fits_python and "manylinux" in platform and machine in platform


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("extra", ["server", "collect", "watch"])
def test_each_package_has_a_wheel_for_the_image(extra: str, machine: str) -> None:
    """Of each locked package there is a wheel for the image's Python and the machine: the image has no compiler."""
    names = installed_by(extra)
    assert {"litestar", "uvloop", "numpy", "msgspec", "hiredis"} <= names
    without = [
        name for name in names if not any(runs_on(wheel["url"], machine) for wheel in LOCK[name].get("wheels", ()))
    ]
    assert without == []


def test_uv_itself_has_both() -> None:
    """The hashes by which the image installs uv are those of all its wheels, and there is one for each machine."""
    wheels = [wheel["url"] for wheel in LOCK["uv"]["wheels"]]
    for machine in ("x86_64", "aarch64"):
        assert any("manylinux" in wheel and machine in wheel for wheel in wheels)
