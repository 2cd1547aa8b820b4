"""The settings of the release workflow: variables of the repository, none of which has a default."""

import re
from collections.abc import Mapping
from typing import Final

from release import ReleaseError

_HOST: Final = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?"
_PATH: Final = r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
_REQUIRED: Final = {
    "RELEASE_REGISTRY": (_HOST, "the host of the registry for images and chart"),
    "RELEASE_NAMESPACE": (_PATH, "where in the registry they go, in small letters, such as the owner's name"),
}
_OPTIONAL: Final = {
    "RELEASE_INDEX_URL": ("https://.+", "the upload address of the package index; without it no package is uploaded"),
}


def check_settings(environ: Mapping[str, str]) -> None:
    """Check the variables that the workflow passes on.

    Raises:
        ReleaseError: one is missing or cannot be right; the message names all of them.
    """
    wrong = [
        f"set the repository's variable {name}: {meaning}"
        + (f"; {environ[name]!r} is not that" if environ.get(name) else "")
        for name, (pattern, meaning) in {**_REQUIRED, **_OPTIONAL}.items()
        if not (re.fullmatch(pattern, environ.get(name, "")) or (name in _OPTIONAL and not environ.get(name)))
    ]
    if wrong:
        raise ReleaseError("\n".join(wrong))
