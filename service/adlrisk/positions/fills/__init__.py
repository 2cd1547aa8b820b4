"""Forced fills of an account: how each exchange is asked for them, one module an exchange, and what they are."""
