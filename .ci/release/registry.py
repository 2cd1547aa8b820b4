"""What a release pushes to the registry, and the refusal to push it twice."""

import re
import subprocess
from collections.abc import Iterable
from typing import Final

from release import ReleaseError

# Images by name, and the extra of the package that each installs.
IMAGES: Final = {"adlrisk": "server", "adlrisk-collector": "collect", "adlrisk-watch": "watch"}
ARCHITECTURES: Final = ("amd64", "arm64")

# Registries refuse to say what somebody who is not logged in may not see; many say so of what does not exist, too.
_ABSENT: Final = re.compile(
    r": not found$|404 Not Found|manifest unknown|name unknown|401 Unauthorized|403 Forbidden|\bdenied\b",
    re.IGNORECASE | re.MULTILINE,
)
_SECONDS: Final = 60.0


def names_of(where: str, version: str) -> list[str]:
    """All names of a version below an address in the registry: images, those of one architecture, and the chart."""
    tags = (version, *(f"{version}-{architecture}" for architecture in ARCHITECTURES))
    return [*(f"{where}/{image}:{tag}" for image in IMAGES for tag in tags), f"{where}/charts/adlrisk:{version}"]


def check_absent(names: Iterable[str]) -> None:
    """Check that the registry has none of the names.

    Raises:
        ReleaseError: it has one, or does not say.
    """
    for name in names:
        found, words = _ask(name)
        if found:
            raise ReleaseError(f"{name} is in the registry already: what was pushed stays; cut the next number")
        if not _ABSENT.search(words):
            raise ReleaseError(f"whether {name} is in the registry is not known: {words.strip() or 'it said nothing'}")


def _ask(name: str) -> tuple[bool, str]:
    """Whether Docker finds the name, and what it says if not."""
    command = ("docker", "buildx", "imagetools", "inspect", name)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"docker cannot be asked: {error}"
    return done.returncode == 0, done.stderr
