"""The parts of the page: style, markup, and what is rendered of the document."""
