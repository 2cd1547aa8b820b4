"""The sections of the page: pure functions from answers of the API to elements."""
