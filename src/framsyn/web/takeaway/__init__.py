"""The view taken away: pictures, tables, reports, a program that makes it again, and how to cite it."""
