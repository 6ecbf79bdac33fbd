"""What comes in from outside: documents that people wrote, read into what Framsyn can hold."""
