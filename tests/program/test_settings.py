"""Settings and their sources."""

from pathlib import Path

import msgspec
import pytest

from adlrisk.api.app import create_app
from adlrisk.api.server.listener import PROBE_CONNECTIONS, SPARE_CONNECTIONS
from adlrisk.api.server.open_files import OTHER_FILES
from adlrisk.settings import SECRETS, Settings, SettingsError, find_unknown_variables, read_settings, variable_of


def test_unset_variables_have_defaults() -> None:
    """An empty environment, and empty values, give the defaults."""
    assert read_settings({}) == Settings()
    assert read_settings({"ADLRISK_LOG_LEVEL": ""}) == Settings()


def test_values_are_converted_to_their_types() -> None:
    """Numbers and words are converted to the type of their field."""
    settings = read_settings(
        {"ADLRISK_MAX_SCORE_BYTES": "2048", "ADLRISK_DRAIN_DELAY_SECONDS": "2.5", "ADLRISK_LOG_FORMAT": "console"}
    )
    assert (settings.max_score_bytes, settings.drain_delay_seconds, settings.log_format) == (2048, 2.5, "console")


ANY_TEXT = ("cards_dir", "redis_password", "redis_sentinel_password")


@pytest.mark.parametrize("field", sorted(set(Settings.__struct_fields__) - set(ANY_TEXT)))
def test_an_invalid_value_is_named(field: str) -> None:
    """The error names the variable, and shows the value unless it may be a secret."""
    with pytest.raises(SettingsError, match=variable_of(field)) as refused:
        read_settings({variable_of(field): "-1 bananas"})
    assert ("bananas" in str(refused.value)) is (field not in SECRETS)


@pytest.mark.parametrize("field", SECRETS)
def test_a_repr_shows_no_secret(field: str) -> None:
    """It shows whether the secret is set, and every other setting."""
    shown = repr(msgspec.structs.replace(Settings(), **{field: "s3cret"}, max_books=7))
    assert "s3cret" not in shown
    assert f"{field}=[hidden]" in shown
    assert "max_books=7" in shown
    assert f"{field}=''" in repr(Settings())


@pytest.mark.parametrize("field", SECRETS)
def test_a_secret_can_come_from_a_file(field: str, tmp_path: Path) -> None:
    """With _FILE the variable names a file; its trailing newline is ignored, and setting both is an error."""
    value = {"redis_url": "redis://localhost"}.get(field, "0" * 64)
    file = tmp_path / "secret"
    file.write_text(value + "\n")
    variable = variable_of(field)
    assert getattr(read_settings({f"{variable}_FILE": str(file)}), field) == value
    assert find_unknown_variables({f"{variable}_FILE": str(file)}) == ()
    with pytest.raises(SettingsError, match=f"{variable}_FILE"):
        read_settings({f"{variable}_FILE": str(file), variable: value})
    with pytest.raises(SettingsError, match=f"{variable}_FILE"):
        read_settings({f"{variable}_FILE": str(tmp_path / "absent")})
    file.write_text("\n")
    with pytest.raises(SettingsError, match="empty"):
        read_settings({f"{variable}_FILE": str(file)})
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no text"):
        read_settings({f"{variable}_FILE": str(file)})


def test_a_secret_in_a_file_variable_is_not_shown() -> None:
    """It is not a path, and the error says so without it."""
    with pytest.raises(SettingsError, match=r"ADLRISK_REDIS_PASSWORD_FILE: .* No such file") as refused:
        read_settings({"ADLRISK_REDIS_PASSWORD_FILE": "hunter-2-hunter-2"})
    assert "hunter" not in str(refused.value)


def test_keys_that_are_not_digests_are_refused_without_showing_them() -> None:
    """A key instead of its digest is refused and not shown; so are separators alone."""
    for nothing in (",", " ", "\n,"):
        with pytest.raises(SettingsError, match="ADLRISK_API_KEYS"):
            read_settings({"ADLRISK_API_KEYS": nothing})
    with pytest.raises(SettingsError, match="ADLRISK_ADMIN_KEYS") as refused:
        read_settings({"ADLRISK_ADMIN_KEYS": "my-secret-key"})
    assert "my-secret-key" not in str(refused.value)


def test_misspelt_variables_are_found() -> None:
    """Unknown variables with the prefix are reported; those that Kubernetes injects are not."""
    environ = {"ADLRISK_LOGLEVEL": "info", "ADLRISK_LOG_LEVEL": "info", "ADLRISK_SERVICE_HOST": "10.0.0.1"}
    assert find_unknown_variables(environ) == ("ADLRISK_LOGLEVEL",)
    assert find_unknown_variables({"ADLRISK_PORT": "9999"}) == ("ADLRISK_PORT",)
    assert (
        find_unknown_variables({"ADLRISK_PORT": "tcp://10.0.0.1:8000", "ADLRISK_PORT_8000_TCP_ADDR": "10.0.0.1"}) == ()
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADLRISK_RATE_LIMIT", "0/second"),
        ("ADLRISK_RATE_LIMIT", "100"),
        ("ADLRISK_RATE_LIMIT", "100/fortnight"),
        ("ADLRISK_RATE_LIMIT", "100/second; 5/minute"),
        ("ADLRISK_BATCH_RATE_LIMIT", "1e3/second"),
        ("ADLRISK_CORS_ORIGINS", "desk.example"),
        ("ADLRISK_CORS_ORIGINS", "https://desk.example/"),
        ("ADLRISK_CORS_ORIGINS", "https://*.example"),
        ("ADLRISK_MAX_REQUESTS", "0"),
        ("ADLRISK_HEAD_TIMEOUT_SECONDS", "0"),
    ],
)
def test_meaningless_limits_are_refused(variable: str, value: str) -> None:
    """Ambiguous values, or values that would let no request in, prevent the start and name the variable."""
    with pytest.raises(SettingsError, match=variable):
        read_settings({variable: value})


@pytest.mark.parametrize("proxies", ["10.0.0.1/8", "10.0.0.256", "::g", "10.0.0.0/33", "fe80"])
def test_a_proxy_is_an_address_or_a_network(proxies: str) -> None:
    """An address with bits beyond its network, or an invalid one, prevents the start instead of trusting no proxy."""
    with pytest.raises(SettingsError, match="ADLRISK_TRUSTED_PROXIES"):
        create_app(read_settings({"ADLRISK_TRUSTED_PROXIES": proxies}))


def test_the_open_files_in_the_description_are_those_that_are_needed() -> None:
    """The text of the limit of connections names how many files the process needs beside them."""
    (field,) = (field for field in msgspec.structs.fields(Settings) if field.name == "max_connections")
    described = msgspec.json.schema(field.type)["description"]
    assert f"needs {SPARE_CONNECTIONS + OTHER_FILES + PROBE_CONNECTIONS} more open files" in described
