"""The form: its fields, what was filled in, and the bodies of requests that follow from it."""
