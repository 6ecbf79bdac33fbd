"""The voice of the reader: errors that are reported, answered in time, and what was corrected."""
