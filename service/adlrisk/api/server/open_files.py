"""Limit of open files: a service starts only where it can open as many as its limit of connections needs.

Beyond the limit of open files new connections, those of health checks among them, are neither accepted nor refused.
"""

import resource
from typing import Final

from adlrisk.api.server.listener import PROBE_CONNECTIONS, SPARE_CONNECTIONS
from adlrisk.settings import Settings, SettingsError, variable_of

# Standard streams, event loop, listening sockets, and connections to the store and the worker. With all others the
# default settings fit into 1,024.
OTHER_FILES: Final = 50


def allow_open_files(settings: Settings, *, has_probes: bool) -> None:
    """Raise the soft limit of open files of this process to the hard one, if the settings need it.

    Raises:
        SettingsError: the hard limit is too low.
    """
    needed = settings.max_connections + SPARE_CONNECTIONS + OTHER_FILES + (PROBE_CONNECTIONS if has_probes else 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _suffices(soft, needed):
        return
    if not _suffices(hard, needed):
        raise SettingsError(
            f"{variable_of('max_connections')}: {settings.max_connections:,} connections need {needed:,} open files, "
            f"and the hard limit is {hard:,} (`ulimit -Hn`)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _suffices(limit: int, needed: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= needed
