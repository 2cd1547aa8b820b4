"""Pages for people: how their requests are answered, and how they call the API in this process."""
