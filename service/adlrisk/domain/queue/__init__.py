"""ADL queues: a book of positions as columns, ranked by a venue's formula."""
