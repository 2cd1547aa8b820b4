"""Settings of ``adlrisk watch``, and what their errors say."""

import pytest

from adlrisk.settings import WATCH_SECRETS, SettingsError, WatchSettings, read_watch_settings, variable_of

# A wrong value of each setting, and what its error has to say of the right ones: by hand, from docs/settings.md.
WRONG = {
    "watch_accounts": ("desk:binance", "venues, or names with their venues, as in desk=binance"),
    "watch_interval_seconds": ("4", "a number of seconds from 5 to 3,600"),
    "watch_service": ("localhost:8000", "the URL of a service, as in http://localhost:8000"),
    "watch_messages_per_minute": ("0", "a whole number of messages a minute from 1 to 1,000"),
}
ANY_TEXT = {"watch_notify", "watch_service_key", "watch_state"}  # looked at where they are used


def test_every_setting_has_a_wrong_value() -> None:
    """A new setting needs a row."""
    assert set(WRONG) | ANY_TEXT == set(WatchSettings.__struct_fields__)


@pytest.mark.parametrize("field", WRONG)
def test_an_error_says_what_is_allowed(field: str) -> None:
    """It names variable, allowed values, range or form, and the value."""
    value, allowed = WRONG[field]
    with pytest.raises(SettingsError) as refused:
        read_watch_settings({variable_of(field): value})
    assert str(refused.value) == f"{variable_of(field)}: must be {allowed}{_rest(field)} (value {value!r})"


def _rest(field: str) -> str:
    return ", separated by commas" if field == "watch_accounts" else ""


@pytest.mark.parametrize("field", WATCH_SECRETS)
def test_a_secret_may_come_from_a_file(field: str, tmp_path: object) -> None:
    """The file's content without white space around it; together with the variable it is refused without either."""
    file = f"{tmp_path}/secret"
    with open(file, "w") as written:  # noqa: PTH123 (a text is enough)
        written.write("json://receiver\n")
    named = f"{variable_of(field)}_FILE"
    assert getattr(read_watch_settings({named: file}), field) == "json://receiver"
    with pytest.raises(SettingsError) as refused:
        read_watch_settings({named: file, variable_of(field): "other"})
    assert "receiver" not in str(refused.value)
    assert "other" not in str(refused.value)
