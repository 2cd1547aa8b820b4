"""The fields of the settings: defaults, bounds and descriptions."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.masking import masked_repr
from adlrisk.settings.keys import KEY_ENTRY

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB

LargeByteCount = Annotated[int, Meta(ge=192 * _MIB, le=1024 * 1024 * _MIB)]
ByteCount = Annotated[int, Meta(ge=1 * _KIB, le=1024 * _MIB)]
Seconds = Annotated[float, Meta(ge=0.0, le=3600.0)]
# Separated by commas or white space.
KeyDigests = Annotated[str, Meta(pattern=rf"^(\s*{KEY_ENTRY}([\s,]+{KEY_ENTRY})*[\s,]*)?\Z")]
RateLimit = Annotated[str, Meta(pattern=r"^([1-9]\d{0,8}/([1-9]\d{0,3} )?(second|minute|hour)s?)?\Z")]
# Only a first check: each address and network is parsed later. Origins have a scheme and no path.
Networks = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f:./,\s]*\Z")]
# Only a first check: the collector validates venues and markets.
Markets = Annotated[str, Meta(pattern=r"^([\s,]*[a-z0-9_]+:[^\s,]+([\s,]+[a-z0-9_]+:[^\s,]+)*[\s,]*)?\Z")]
Urls = Annotated[
    str, Meta(pattern=r"^([\s,]*[a-z0-9_]+=https?://[^\s,]+([\s,]+[a-z0-9_]+=https?://[^\s,]+)*[\s,]*)?\Z")
]
Origins = Annotated[str, Meta(pattern=r"^(\*|https?://[^\s,/*]+([\s,]+https?://[^\s,/*]+)*)?\Z")]

# Settings that may hold secrets: a variable with the suffix _FILE names a file with the value instead.
SECRETS: Final = (
    "api_keys", "write_keys", "admin_keys", "redis_url", "redis_password", "redis_sentinel_password",
)  # fmt: skip
# A user's own keys at a venue, for `adlrisk positions`: secrets as well, but not settings of the service.
VENUE_CREDENTIALS: Final = ("venue_key", "venue_secret", "venue_password", "venue_wallet")


class Settings(Struct, frozen=True, kw_only=True):
    """All settings with their defaults. The variable of ``log_level`` is ``ADLRISK_LOG_LEVEL``, and so on."""

    def __repr__(self) -> str:
        """The settings; secrets show only whether they are set."""
        return masked_repr(self, secrets=SECRETS)

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Minimum level of log lines. Each request is logged in one line at `info`."),
    ] = "info"
    log_format: Annotated[
        Literal["json", "console"],
        Meta(description="`json`: one object per line; `console`: for people."),
    ] = "json"
    page: Annotated[
        Literal["on", "off"],
        Meta(
            description="`on`: browsers get a page for people at `/`, and everybody at `/page`; `off`: there is only "
            "the API."
        ),
    ] = "on"
    mcp: Annotated[
        Literal["on", "off"],
        Meta(
            description="`on`: language models get tools at `POST /mcp` (Model Context Protocol), which needs "
            "`adlrisk[mcp]`."
        ),
    ] = "off"
    max_score_bytes: Annotated[
        ByteCount, Meta(description="Largest body of `POST /score` and `POST /mcp`, bytes; beyond it 413.")
    ] = 64 * _KIB
    max_scores_bytes: Annotated[
        ByteCount,
        Meta(description="Largest body of `POST /scores` and `POST /fills/classify`, bytes; beyond it 413."),
    ] = 8 * _MIB
    max_account_bytes: Annotated[
        ByteCount,
        Meta(description="Largest body of `POST /account` and of `POST /adl/partial`, bytes; beyond it 413."),
    ] = 1 * _MIB
    max_book_bytes: Annotated[
        ByteCount,
        Meta(description="Largest body of a request with a book, bytes; beyond it 413. A million positions need more."),
    ] = 32 * _MIB
    max_positions: Annotated[
        Annotated[int, Meta(ge=1, le=10_000_000)], Meta(description="Most positions of a book; beyond it 413.")
    ] = 300_000
    max_answer_bytes: Annotated[
        ByteCount,
        Meta(
            description="Largest answer to a book, bytes; beyond it 413. Each of `ADLRISK_MAX_BOOKS` may hold one in "
            "memory, until its client has read it."
        ),
    ] = 112 * _MIB
    compress_from_bytes: Annotated[
        Annotated[int, Meta(ge=0, le=1024 * _MIB)],
        Meta(
            description="Smallest answer that is compressed, with gzip or zstd, where `Accept-Encoding` allows it, "
            "bytes; 0: none is, for a proxy in front that compresses. Answers of `POST /score` never are."
        ),
    ] = 8 * _KIB
    max_worker_bytes: Annotated[
        LargeByteCount,
        Meta(
            description="Most memory of the worker process, bytes (`RLIMIT_DATA`); a book that needs more is answered "
            "413."
        ),
    ] = 384 * _MIB
    max_unread_bytes: Annotated[
        Annotated[int, Meta(ge=8 * _MIB, le=1024 * 1024 * _MIB)],
        Meta(
            description="Most memory of answers that wait for their clients to read them, bytes, beside those of large "
            "batches and books; beyond it the clients that have waited longest are cut off."
        ),
    ] = 24 * _MIB
    max_head_bytes: Annotated[
        ByteCount, Meta(description="Largest request line with all headers, bytes; beyond it 431.")
    ] = 16 * _KIB
    head_timeout_seconds: Annotated[
        Annotated[float, Meta(gt=0.0, le=3600.0)],
        Meta(
            description="Time limit for request line and headers, beyond it 408; also how long a new connection may "
            "stay silent before it is closed. At most a second beyond `ADLRISK_MAX_CONNECTIONS`."
        ),
    ] = 10.0
    body_timeout_seconds: Annotated[
        Annotated[float, Meta(gt=0.0, le=3600.0)],
        Meta(
            description="Time limit for the body, beyond it 408; also for a client to read a piece of an answer, and "
            "to go on sending a body that has been answered early, beyond it the connection is closed."
        ),
    ] = 30.0
    api_keys: Annotated[
        KeyDigests,
        Meta(
            description="Digests of API keys that may score and read, `NAME:DIGEST` each or the digest alone, "
            "separated by commas; empty: no key is needed."
        ),
    ] = ""
    write_keys: Annotated[
        KeyDigests,
        Meta(description="Keys that may also put market records, in the same form; empty: only admin keys may."),
    ] = ""
    admin_keys: Annotated[
        KeyDigests,
        Meta(description="Keys that may also change venues, in the same form; empty: nobody may."),
    ] = ""
    cards_dir: Annotated[
        str,
        Meta(
            description="Folder of rule cards, `VENUE.toml` each, that replace bundled ones or add venues; read at "
            "start, which an invalid card prevents. Empty: none."
        ),
    ] = ""
    redis_url: Annotated[
        Annotated[str, Meta(pattern=r"^((rediss?)(\+(sentinel|cluster))?://.+)?\Z")],
        Meta(description="URL of the parameter store, Redis or Valkey; empty: the memory of this process."),
    ] = ""
    redis_password: Annotated[str, Meta(description="Password of Redis, instead of one in the URL.")] = ""
    redis_sentinel_password: Annotated[str, Meta(description="Password of the Sentinels.")] = ""
    redis_ca_file: Annotated[str, Meta(description="CA certificate for TLS; empty: the system's.")] = ""
    redis_certificate_file: Annotated[str, Meta(description="Client certificate for TLS.")] = ""
    redis_key_file: Annotated[str, Meta(description="Private key of the client certificate.")] = ""
    redis_prefix: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9:._-]{1,64}\Z")], Meta(description="Prefix of all keys and channels.")
    ] = "adlrisk"
    redis_deadline_seconds: Annotated[
        Annotated[float, Meta(ge=0.001, le=10.0)],
        Meta(description="Time limit of what a request waits for: a read of market records, its rate limit."),
    ] = 0.05
    redis_patience_seconds: Annotated[
        Annotated[float, Meta(ge=0.01, le=60.0)],
        Meta(description="Time limit of a change, a refresh or a probe of the store."),
    ] = 1.0
    redis_refresh_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=3600.0)],
        Meta(description="Interval at which all overrides are read again, in case a message was lost."),
    ] = 5.0
    inline_book_bytes: Annotated[
        ByteCount,
        Meta(
            description="Largest book that is handled in process, bytes, if it has at most 1,500 positions (fewer with "
            "several policies: positions × policies) or is a short simulation; every other request waits meanwhile, 2 "
            "to 3 ms. Larger ones go to the worker process."
        ),
    ] = 64 * _KIB
    max_connections: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        Meta(
            description="Concurrency limit of connections. The process needs 116 more open files; it raises its own "
            "limit (`ulimit -n`), and does not start where the hard limit (`ulimit -Hn`) is too low."
        ),
    ] = 900
    max_requests: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        Meta(
            description="Concurrency limit of requests, about a tenth of a second's work for one core; requests that "
            "wait for their client to send the body do not count."
        ),
    ] = 500
    max_batches: Annotated[
        Annotated[int, Meta(ge=1, le=1000)],
        Meta(
            description="Concurrency limit of `POST /scores`, `POST /account` and `POST /fills/classify` larger than "
            "`ADLRISK_MAX_SCORE_BYTES`; each may take 100 MiB."
        ),
    ] = 3
    max_books: Annotated[
        Annotated[int, Meta(ge=1, le=1000)],
        Meta(
            description="Concurrency limit of books, running, queued and being read by their client; each holds its "
            "body or its answer."
        ),
    ] = 2
    rate_limit: Annotated[
        RateLimit,
        Meta(description="Rate limit of each client: `100/second`, `6000/minute` or `50/10 seconds`; empty: none."),
    ] = ""
    batch_rate_limit: Annotated[
        RateLimit,
        Meta(
            description="Rate limit of each client for `POST /scores`, `POST /account`, `POST /fills/classify` and "
            "books, which do not count against `ADLRISK_RATE_LIMIT`."
        ),
    ] = ""
    trusted_proxies: Annotated[
        Networks,
        Meta(description="Addresses and networks of proxies whose `X-Forwarded-For` is trusted, separated by commas."),
    ] = ""
    cors_origins: Annotated[
        Origins, Meta(description="Origins allowed by CORS, separated by commas, or `*`; empty: none.")
    ] = ""
    book_timeout_seconds: Annotated[
        Annotated[float, Meta(gt=0.0, le=3600.0)],
        Meta(
            description="Time limit of the worker process for one book; beyond it the worker is replaced. A "
            "simulation ends itself at 80 % of it."
        ),
    ] = 60.0
    keep_alive_seconds: Annotated[
        Seconds,
        Meta(
            description="Idle time after which a connection is closed: longer than that of the load balancer in front "
            "(60 for many, 600 for some), or requests get lost in between."
        ),
    ] = 75.0
    drain_delay_seconds: Annotated[
        Seconds,
        Meta(
            description="After SIGTERM, how long to go on serving while `/health/ready` answers 503, so that load "
            "balancers stop sending first."
        ),
    ] = 0.0
    shutdown_timeout_seconds: Annotated[Seconds, Meta(description="Time limit for requests in flight after that.")] = (
        30.0
    )
    collect_markets: Annotated[
        Markets,
        Meta(
            description="Markets for `adlrisk collect` besides `--market`, as in `binance:BTC/USDT:USDT`, separated by "
            "commas or white space."
        ),
    ] = ""
    collect_urls: Annotated[
        Urls,
        Meta(
            description="Base URLs for `adlrisk collect` instead of the venues' own, as in "
            "`okx=https://proxy.example/okx`; for proxies and tests."
        ),
    ] = ""
