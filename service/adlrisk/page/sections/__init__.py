"""The parts of the page, one module each: pure functions from decoded answers of the API to nodes of HTML."""
