"""Access control and limits: API keys, client addresses, concurrency limits and rate limits."""
