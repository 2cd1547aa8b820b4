"""The service's settings, read once from ``ADLRISK_*`` environment variables."""

from adlrisk.settings.fields import SECRETS, VENUE_CREDENTIALS, Settings
from adlrisk.settings.reading import SettingsError, find_unknown_variables, read_secret, read_settings, variable_of

__all__ = [
    "SECRETS",
    "VENUE_CREDENTIALS",
    "Settings",
    "SettingsError",
    "find_unknown_variables",
    "read_secret",
    "read_settings",
    "variable_of",
]
