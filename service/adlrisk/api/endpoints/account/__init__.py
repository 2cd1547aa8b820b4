"""``/account``: positions that share a margin account, scored together."""
