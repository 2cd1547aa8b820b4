"""The service's settings, read once from ``ADLRISK_*`` environment variables."""

from adlrisk.settings.explanations import describe_allowed
from adlrisk.settings.fields import SECRETS, VENUE_CREDENTIALS, Settings
from adlrisk.settings.reading import (
    SettingsError,
    file_variable_of,
    find_unknown_variables,
    read_secret,
    read_settings,
    variable_of,
)

__all__ = [
    "SECRETS",
    "VENUE_CREDENTIALS",
    "Settings",
    "SettingsError",
    "describe_allowed",
    "file_variable_of",
    "find_unknown_variables",
    "read_secret",
    "read_settings",
    "variable_of",
]
