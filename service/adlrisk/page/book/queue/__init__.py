"""The queue of a book on the page: its steps, and one's own place."""
