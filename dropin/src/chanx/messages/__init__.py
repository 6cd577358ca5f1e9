"""Messages: the base class, and those that every consumer knows."""
