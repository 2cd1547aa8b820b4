"""Content codings (RFC 9110, section 8.4.1): gzip and zstd, of request bodies and of answers."""
