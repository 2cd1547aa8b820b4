"""Readers: how the positions of each exchange are read, one module an exchange, so there are more than a dozen."""
