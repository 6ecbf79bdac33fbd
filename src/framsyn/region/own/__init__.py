"""A region's own data in and out: workbooks, CSV and Parquet, read strictly, compared, and written as a whole.

>>> from framsyn.region.own.sources import source_rows
>>> from framsyn.region import Region
>>> source_rows(Region.load("midt-norge").descriptor)[0]["source"]
'ssb_07459'
"""
