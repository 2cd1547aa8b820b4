"""``/page/book``: a book as text, where I stand in its queue, six policies side by side, and the chain of an ADL."""
