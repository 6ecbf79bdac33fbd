"""The programming interface: what the pages tell, as JSON, and the same actions as the forms call, by token."""
