"""The open positions of a user's own account, read from a venue with the user's API keys and scored."""
