"""The page for people: HTML rendered from the answers of the API."""
