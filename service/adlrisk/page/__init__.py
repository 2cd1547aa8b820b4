"""The page for people: HTML, rendered on the server, of what the API answers."""
