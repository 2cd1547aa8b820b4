"""``/queue``: ranking of a book in a venue's ADL queue."""
