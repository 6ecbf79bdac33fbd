"""What can be changed: one module per subject; every operation calls the action that the form calls."""
