"""The settings of ``adlrisk watch``; each option of the command stands above its setting."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.masking import masked_repr

LEAST_INTERVAL_SECONDS: Final = 5.0
DEFAULT_STATE: Final = "adlrisk/watch.json"  # below the user's folder of states
# Settings that may hold secrets, as those of the service: a variable with the suffix _FILE names a file.
WATCH_SECRETS: Final = ("watch_notify", "watch_service_key")
# The variables with the keys of an account, ADLRISK_ACCOUNT_NAME_KEY, and with the suffix _FILE.
ACCOUNT_VARIABLE: Final = re.compile(r"ADLRISK_ACCOUNT_[A-Z0-9_]+_(?:KEY|SECRET|PASSWORD|WALLET)(?:_FILE)?\Z")

Accounts = Annotated[str, Meta(pattern=r"^([\s,]*([\w-]+=)?\w+([\s,]+([\w-]+=)?\w+)*[\s,]*)?\Z")]
Url = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?\Z")]
Interval = Annotated[float, Meta(ge=LEAST_INTERVAL_SECONDS, le=3600.0)]
MessagesPerMinute = Annotated[int, Meta(ge=1, le=1000)]


class WatchSettings(Struct, frozen=True, kw_only=True):
    """All settings of the watch with their defaults. An empty text is the setting that is not given."""

    def __repr__(self) -> str:
        """The settings; secrets show only whether they are set."""
        return masked_repr(self, secrets=WATCH_SECRETS)

    watch_accounts: Annotated[
        Accounts,
        Meta(
            description="Accounts for `adlrisk watch` besides `--account`, as in `desk=binance, okx`, separated by "
            "commas or white space."
        ),
    ] = ""
    watch_interval_seconds: Annotated[
        Interval, Meta(description="Time from one reading of an account to the next, seconds.")
    ] = 15.0
    watch_notify: Annotated[
        str,
        Meta(
            description="URLs of receivers of messages besides `--notify`, as apprise writes them, separated by white "
            "space."
        ),
    ] = ""
    watch_state: Annotated[
        str,
        Meta(
            description=f"File that keeps what was told over restarts, or `redis` for `ADLRISK_REDIS_URL`; empty: "
            f"`{DEFAULT_STATE}` below `XDG_STATE_HOME`."
        ),
    ] = ""
    watch_service: Annotated[
        Url,
        Meta(description="URL of a running service that scores, so that its market records count; empty: none."),
    ] = ""
    watch_service_key: Annotated[str, Meta(description="API key for that service.")] = ""
    watch_messages_per_minute: Annotated[
        MessagesPerMinute,
        Meta(description="Most messages a minute; those beyond are counted, and the count is sent as one."),
    ] = 10
