"""The settings of the service and of the watch, read once from ``ADLRISK_*`` environment variables."""

from adlrisk.settings.explanations import describe_allowed
from adlrisk.settings.fields import SECRETS, VENUE_CREDENTIALS, Settings
from adlrisk.settings.reading import (
    SettingsError,
    file_variable_of,
    find_unknown_variables,
    read_secret,
    read_settings,
    read_watch_settings,
    variable_of,
)
from adlrisk.settings.watch import WATCH_SECRETS, WatchSettings

__all__ = [
    "SECRETS",
    "VENUE_CREDENTIALS",
    "WATCH_SECRETS",
    "Settings",
    "SettingsError",
    "WatchSettings",
    "describe_allowed",
    "file_variable_of",
    "find_unknown_variables",
    "read_secret",
    "read_settings",
    "read_watch_settings",
    "variable_of",
]
