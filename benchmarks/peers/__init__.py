"""What the service is measured against: the same scores by other means, each an ASGI application of its own."""
