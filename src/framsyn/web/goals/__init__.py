"""Goals as decisions: what was decided, what binds it, and what may override its status."""
