"""Episodes of care, as in the Norwegian Patient Registry, added up to cells that no row leaves.

>>> from framsyn.sources.episodes.fields import FIELDS
>>> [field.name for field in FIELDS if field.needed]
['person', 'birth_year', 'sex', 'municipality', 'unit', 'care_level', 'in_time', 'out_time']
"""
