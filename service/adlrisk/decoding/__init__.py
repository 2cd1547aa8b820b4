"""What cannot be decoded: where it is, what the schema takes there, and what was sent, in plain English."""
