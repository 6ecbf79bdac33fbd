"""What can be read: one module per subject, each with its resources and its operations."""
