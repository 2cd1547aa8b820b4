"""Ask a database whether vulnerabilities are known in the packages of uv.lock.

The database has the interface of OSV, and uv does the asking. First the database must show that it knows any at all.
Exit code: 0 if none is known, 1 if there is one, 3 if it could not be checked. ``VULNERABILITY_DATABASE`` is the URL of
another database, such as a mirror.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Final

_DATABASE: Final = (os.environ.get("VULNERABILITY_DATABASE") or "https://api.osv.dev").rstrip("/")
_FOUND: Final = 1  # as by uv
_UNCHECKED: Final = 3  # apart from the 2 of uv, make and Python's own programs
_SECONDS: Final = 20.0
_AUDIT: Final = (str(Path(sys.executable).with_name("uv")), "audit", "--frozen", "--service-url", _DATABASE)
# A release with vulnerabilities that every database knows. One that does not is empty, or no database: that it knows of
# none in the locked packages would mean nothing.
_PACKAGE, _RELEASE = "jinja2", "2.4.1"


def main() -> int:
    """Print the outcome; returns the exit code."""
    why = _doubt()
    if why:
        return _say_unchecked(why)
    environ = {**os.environ, "UV_HTTP_RETRIES": "1", "UV_HTTP_TIMEOUT": str(round(_SECONDS))}
    done = subprocess.run(_AUDIT, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 (our uv)
    if done.returncode == 0:
        print(f"Vulnerabilities: none known to {_DATABASE} in the packages of uv.lock")
        return 0
    if done.returncode == _FOUND:
        print(done.stdout)
        return _FOUND
    return _say_unchecked(done.stderr.strip())


def _doubt() -> str | None:
    """Why the database's answers mean nothing, if they do."""
    known = {"package": {"ecosystem": "PyPI", "name": _PACKAGE}, "version": _RELEASE}
    query = json.dumps({"queries": [known]}).encode()
    request = urllib.request.Request(  # noqa: S310 (the URL is the maintainer's)
        f"{_DATABASE}/v1/querybatch", data=query, headers={"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 (same)
            (result,) = json.load(answer)["results"]
        return None if result.get("vulns") else f"it knows none in {_PACKAGE} {_RELEASE}"
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        return repr(error)


def _say_unchecked(why: str) -> int:
    print(f"Vulnerabilities: NOT CHECKED. The database {_DATABASE} gives no answer that counts: {why}")
    return _UNCHECKED


if __name__ == "__main__":
    sys.exit(main())
