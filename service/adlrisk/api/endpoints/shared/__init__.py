"""Fields, book input, row encoding and conditional requests that several endpoints use."""
