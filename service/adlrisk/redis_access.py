"""Redis connection settings, built from the service's settings."""

from adlrisk.settings import Settings, SettingsError, describe_allowed
from adlrisk.venues.redis_client import RedisAccess, parse_url


def build_redis_access(settings: Settings) -> RedisAccess:
    """The connection settings for the Redis in ``settings``.

    Raises:
        SettingsError: the URL is invalid.
    """
    try:
        address = parse_url(settings.redis_url)
    except ValueError as error:
        raise SettingsError(f"ADLRISK_REDIS_URL: {describe_allowed('redis_url')}; {error}") from error
    return RedisAccess(
        address=address,
        prefix=settings.redis_prefix,
        timeout_seconds=settings.redis_patience_seconds,
        password=settings.redis_password or None,
        sentinel_password=settings.redis_sentinel_password or None,
        ca_file=settings.redis_ca_file or None,
        certificate_file=settings.redis_certificate_file or None,
        key_file=settings.redis_key_file or None,
    )
