"""Settings and where they come from."""

import msgspec
import pytest

from adlrisk.settings import Settings, SettingsError, read_settings, unknown_variables, variable_of


def test_nothing_set_means_the_defaults() -> None:
    """An empty environment, and empty values, give the defaults."""
    assert read_settings({}) == Settings()
    assert read_settings({"ADLRISK_LOG_LEVEL": ""}) == Settings()


def test_a_value_is_taken_in_its_own_type() -> None:
    """Numbers and words arrive as what they are."""
    settings = read_settings(
        {"ADLRISK_MAX_SCORE_BYTES": "2048", "ADLRISK_DRAIN_DELAY_SECONDS": "2.5", "ADLRISK_LOG_FORMAT": "console"}
    )
    assert (settings.max_score_bytes, settings.drain_delay_seconds, settings.log_format) == (2048, 2.5, "console")


@pytest.mark.parametrize("field", [field.name for field in msgspec.structs.fields(Settings)])
def test_a_value_that_cannot_be_used_is_named(field: str) -> None:
    """The error names the variable."""
    with pytest.raises(SettingsError, match=variable_of(field)):
        read_settings({variable_of(field): "-1 bananas"})


def test_a_misspelt_variable_is_found() -> None:
    """What looks like a setting and is none is reported; what Kubernetes injects is not."""
    environ = {"ADLRISK_LOGLEVEL": "info", "ADLRISK_LOG_LEVEL": "info", "ADLRISK_SERVICE_HOST": "10.0.0.1"}
    assert unknown_variables(environ) == ("ADLRISK_LOGLEVEL",)
    assert unknown_variables({"ADLRISK_PORT": "9999"}) == ("ADLRISK_PORT",)
    assert unknown_variables({"ADLRISK_PORT": "tcp://10.0.0.1:8000", "ADLRISK_PORT_8000_TCP_ADDR": "10.0.0.1"}) == ()
