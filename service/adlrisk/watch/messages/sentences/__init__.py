"""The sentences of messages, a module for each kind of event."""
