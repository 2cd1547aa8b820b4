"""A user's credentials: where they are read from, and that no message contains them."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.positions.requests.credentials import Credentials, read_credentials
from adlrisk.settings import VENUE_CREDENTIALS, SettingsError, find_unknown_variables, variable_of

SHORT = 'p&s "ö\\'
SECRET = "s3cret/with+signs&spaces in=it"  # noqa: S105 (made up)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_only_required_credentials_are_read(tmp_path: Path) -> None:
    """A key is read from its variable and a secret from its file; a password that is not required is not read."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    environ = {
        "ADLRISK_VENUE_KEY": "a-key-for-tests",
        "ADLRISK_VENUE_SECRET_FILE": str(file),
        "ADLRISK_VENUE_PASSWORD_FILE": str(tmp_path / "absent"),
    }
    found = read_credentials(("apiKey", "secret"), venue="binance", environ=environ)
    assert found.values == {"apiKey": "a-key-for-tests", "secret": SECRET}
    assert repr(found) == "Credentials(apiKey, secret)"


def test_missing_credentials_are_named() -> None:
    """The error names the missing variables, and contains no credential."""
    with pytest.raises(SettingsError, match="okx asks for ADLRISK_VENUE_SECRET and ADLRISK_VENUE_PASSWORD,") as refused:
        read_credentials(
            ("apiKey", "secret", "password"), venue="okx", environ={"ADLRISK_VENUE_KEY": "a-key-for-tests"}
        )
    assert "a-key-for-tests" not in str(refused.value)


@pytest.mark.parametrize("name", VENUE_CREDENTIALS)
def test_credential_variables_are_known_settings(name: str) -> None:
    """The service reports neither them nor their _FILE forms as unknown, but similar names it does."""
    variable = variable_of(name)
    assert find_unknown_variables({variable: "x", f"{variable}_FILE": "/x"}) == ()
    assert find_unknown_variables({f"{variable}S": "x"}) == (f"{variable}S",)


@pytest.mark.parametrize(
    "encoding",
    [SECRET, quote(SECRET), quote_plus(SECRET), repr({"x": SECRET}), json.dumps([SECRET]), SECRET * 2],
)
def test_scrub_hides_every_encoding_of_a_secret(encoding: str) -> None:
    """A secret is hidden as it is, in a URL, in JSON and in a repr."""
    scrubbed = Credentials({"secret": SECRET}).scrub(f"refused: {encoding} (told)")
    assert SECRET not in scrubbed
    assert quote_plus(SECRET) not in scrubbed
    assert scrubbed.startswith("refused: ")
    assert scrubbed.endswith("(told)")


@pytest.mark.parametrize("encoding", [quote(SHORT), quote_plus(SHORT), repr(SHORT), json.dumps(SHORT), encoded(SHORT)])
def test_scrub_hides_every_encoding_of_a_short_passphrase(encoding: str) -> None:
    """A passphrase too short to look like a signature is hidden in each of its encodings."""
    scrubbed = Credentials({"password": SHORT}).scrub(f"refused: {encoding} (told)")
    assert scrubbed.strip('"') in (
        "refused: [hidden] (told)",
        "refused: '[hidden]' (told)",
        'refused: "[hidden]" (told)',
    )


def test_scrub_hides_signatures() -> None:
    """Signatures in hexadecimal and base 64 are hidden, in a URL or elsewhere; the venue's message is kept."""
    digest = hmac.new(SECRET.encode(), b"timestamp=1", hashlib.sha256)
    signature, encoded = digest.hexdigest(), base64.b64encode(digest.digest()).decode()
    url = f"https://okx.com/api/v5/x?a=1&signature={signature}"
    text = f"okx GET {url} {{'SIGN': '{encoded}'}} 401 Invalid Sign {signature}"
    scrubbed = Credentials({"secret": SECRET}).scrub(text)
    assert signature not in scrubbed
    assert encoded[:12] not in scrubbed
    assert scrubbed == "okx GET https://okx.com/api/v5/x?[hidden] {'SIGN': '[hidden]'} 401 Invalid Sign [hidden]"


def test_scrub_hides_all_text_if_a_secret_is_very_short() -> None:
    """Hiding each "abc" would reveal the secret by its positions."""
    assert Credentials({"apiKey": "long-enough-key", "password": "abc"}).scrub("abc is abc") == "[hidden]"


@given(secret=st.text(min_size=6, max_size=60), before=st.text(max_size=40), after=st.text(max_size=40))
def test_scrub_hides_any_secret(secret: str, before: str, after: str) -> None:
    """A secret is hidden whatever its characters and its surroundings."""
    scrubbed = Credentials({"secret": secret}).scrub(f"{before}{secret}{after}")
    assert secret not in scrubbed.replace("[hidden]", "\0")


@pytest.mark.parametrize(
    ("field", "length", "is_refused"),
    [("KEY", 5, True), ("SECRET", 5, True), ("KEY", 6, False), ("PASSWORD", 3, False)],
)
def test_key_that_is_too_short_to_be_one_is_refused(field: str, length: int, is_refused: bool) -> None:
    """Every message would be hidden with it, as it looks like other text; a password is of the user's choice."""
    environ = {f"ADLRISK_VENUE_{name}": "long-enough" for name in ("KEY", "SECRET", "PASSWORD")}
    environ[f"ADLRISK_VENUE_{field}"] = "x" * length
    needed = ("apiKey", "secret", "password")
    if not is_refused:
        assert len(read_credentials(needed, venue="okx", environ=environ).values) == 3
        return
    with pytest.raises(
        SettingsError, match=f"^ADLRISK_VENUE_{field}: shorter than 6 characters, which no key of okx is$"
    ):
        read_credentials(needed, venue="okx", environ=environ)
