"""``adlrisk watch``: the open positions of one or more accounts, watched in one process, and told of in time, once."""
