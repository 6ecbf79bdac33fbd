"""Exchange: the workbook that planners take home and bring back, and the files beside every table."""
