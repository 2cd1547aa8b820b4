"""The open positions of a user's own account, read from the venue and scored: ``adlrisk positions``."""
