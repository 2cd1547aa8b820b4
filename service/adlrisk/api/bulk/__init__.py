"""Requests with a book: small ones are handled in the service's process, large ones in a worker process."""
