"""What people see: numbers, words, charts and maps, the same in report, page, notebook and file."""
