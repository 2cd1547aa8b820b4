"""Settings and their sources."""

import io
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


_BYTES = "a whole number of bytes from 1,024 (1 KiB) to 1,073,741,824 (1 GiB)"
_TO_AN_HOUR = "a number of seconds above 0, at most 3,600"
_OR_NONE = "a number of seconds from 0 to 3,600"
_KEYS = "digests of keys, 64 hexadecimal digits each"
_RATE = "1 to 999,999,999 requests, 1 to 9,999 seconds, minutes or hours"
# A wrong value of each setting, and what its error has to say of the right ones: by hand, from docs/settings.md.
WRONG = {
    "log_level": ("loud", "must be `debug`, `info`, `warning` or `error`"),
    "log_format": ("xml", "must be `json` or `console`"),
    "page": ("yes", "must be `on` or `off`"),
    "mcp": ("yes", "must be `on` or `off`"),
    "max_score_bytes": ("1023", _BYTES),
    "max_scores_bytes": ("8 MiB", _BYTES),
    "max_account_bytes": ("1073741825", _BYTES),
    "max_book_bytes": ("-1", _BYTES),
    "max_positions": ("0", "a whole number of positions from 1 to 10,000,000"),
    "max_answer_bytes": ("64 MB", _BYTES),
    "compress_from_bytes": ("-1", "a whole number of bytes from 0 to 1,073,741,824 (1 GiB)"),
    "max_worker_bytes": ("1", "a whole number of bytes from 201,326,592 (192 MiB) to 1,099,511,627,776 (1 TiB)"),
    "max_unread_bytes": ("1", "a whole number of bytes from 8,388,608 (8 MiB) to 1,099,511,627,776 (1 TiB)"),
    "max_head_bytes": ("1.5", _BYTES),
    "head_timeout_seconds": ("0", _TO_AN_HOUR),
    "body_timeout_seconds": ("3601", _TO_AN_HOUR),
    "api_keys": ("a-key", _KEYS),
    "write_keys": ("a-key", _KEYS),
    "admin_keys": ("a-key", _KEYS),
    "cards_dir": ("/nowhere", "the path of a folder of rule cards, VENUE.toml each"),
    "redis_url": ("http://host", "redis://user:password@host:6379/0, where only the scheme and host are required"),
    "redis_password": (None, ""),
    "redis_sentinel_password": (None, ""),
    "redis_ca_file": ("/nowhere", "must be the path of a file, and there is none"),
    "redis_certificate_file": ("/nowhere", "must be the path of a file, and there is none"),
    "redis_key_file": ("/nowhere", "must be the path of a file, and there is none"),
    "redis_prefix": ("a b", "1 to 64 of A-Z a-z 0-9 : . _ -"),
    "redis_deadline_seconds": ("0", "a number of seconds from 0.001 to 10"),
    "redis_patience_seconds": ("nan", "a number of seconds from 0.01 to 60"),
    "redis_refresh_seconds": ("inf", "a number of seconds from 0.1 to 3,600"),
    "inline_book_bytes": ("1", _BYTES),
    "max_connections": ("0", "a whole number of connections from 1 to 1,000,000"),
    "max_requests": ("0", "a whole number of requests from 1 to 1,000,000"),
    "max_batches": ("1001", "a whole number of batches from 1 to 1,000"),
    "max_books": ("0", "a whole number of books from 1 to 1,000"),
    "rate_limit": ("0/second", _RATE),
    "batch_rate_limit": ("100", _RATE),
    "trusted_proxies": ("10.0.0.1/8", "addresses or networks, as in 10.0.0.0/8, 192.0.2.7"),
    "cors_origins": ("desk.example", "origins, as in https://desk.example, separated by commas, or *"),
    "book_timeout_seconds": ("0", _TO_AN_HOUR),
    "keep_alive_seconds": ("-1", _OR_NONE),
    "drain_delay_seconds": ("5 s", _OR_NONE),
    "shutdown_timeout_seconds": ("3600.5", _OR_NONE),
    "collect_markets": ("BTCUSDT", "markets as venue:market, as in binance:BTC/USDT:USDT"),
    "collect_urls": ("https://proxy.example", "venues with URLs, as in okx=https://proxy.example/okx"),
}


def test_every_setting_has_a_wrong_value() -> None:
    """A new setting needs a row; only passwords take any text."""
    assert set(WRONG) == set(Settings.__struct_fields__)
    assert {name for name, (value, _) in WRONG.items() if value is None} == {
        "redis_password",
        "redis_sentinel_password",
    }


@pytest.mark.parametrize("field", [name for name, (value, _) in WRONG.items() if value is not None])
def test_an_error_says_what_is_allowed(field: str) -> None:
    """It names variable, allowed values, range or form, in one line, and the value unless it is secret."""
    value, allowed = str(WRONG[field][0]), WRONG[field][1]
    with pytest.raises(SettingsError) as refused:
        create_app(read_settings({variable_of(field): value}), log=io.StringIO())
    message = str(refused.value)
    assert message.startswith(f"{variable_of(field)}: must be ")
    assert allowed in message
    assert "\n" not in message
    assert "Expected" not in message
    assert (repr(value) in message or value in message) is (field not in SECRETS)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis://one,two", "several hosts need redis+cluster:// or redis+sentinel://"),
        ("redis+sentinel://host", "the path names the master"),
        ("redis://:hunter2@host/x", "the path is no database number"),
    ],
)
def test_an_error_of_a_url_says_what_is_allowed(url: str, why: str) -> None:
    """What only the connection finds wrong is told with the form, without a password."""
    with pytest.raises(SettingsError) as refused:
        create_app(read_settings({"ADLRISK_REDIS_URL": url}), log=io.StringIO())
    assert str(refused.value).startswith("ADLRISK_REDIS_URL: must be redis://user:password@host:6379/0")
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_long_value_is_cut() -> None:
    """An error stays one that can be read."""
    with pytest.raises(SettingsError) as refused:
        read_settings({"ADLRISK_LOG_LEVEL": "x" * 10_000})
    assert len(str(refused.value)) < 300


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
