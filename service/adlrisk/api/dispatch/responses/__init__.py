"""Responses on their way out, and their compression."""
