"""What a reading of an account finds."""
