"""Shapes of status and icons, drawn by us; each is SVG that takes the colour of its text."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["ICONS", "SHAPES"]

SHAPES = MappingProxyType(
    {
        "circle": '<circle cx="8" cy="8" r="6.5"/>',
        "ring": '<circle class="line" cx="8" cy="8" r="5.6"/>',
        "triangle": '<path d="M8 1.2 15.3 14.4H.7z"/>',
        "square": '<path d="M1.8 1.8h12.4v12.4H1.8z"/>',
        "hollow-square": '<path class="line" d="M2.6 2.6h10.8v10.8H2.6z"/>',
        "diamond": '<path d="M8 .8 15.2 8 8 15.2.8 8z"/>',
        "hollow-diamond": '<path class="line" d="M8 1.8 14.2 8 8 14.2 1.8 8z"/>',
        "half": '<circle class="line" cx="8" cy="8" r="5.6"/><path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z"/>',
        "check": '<path class="line" d="m2 8.6 4 4.2L14 3.6"/>',
        "cross": '<path class="line" d="m3 3 10 10M13 3 3 13"/>',
        "hold": '<path class="line" d="M2.4 5.6h11.2M2.4 10.4h11.2"/>',
        "clock": '<circle class="line" cx="8" cy="8" r="6"/><path class="line" d="M8 4.4V8l2.4 1.8"/>',
        "up": '<path class="line" d="M8 14V2.6M3 7.4l5-5 5 5"/>',
        "down": '<path class="line" d="M8 2v11.4m-5-4.8 5 5 5-5"/>',
        "across": '<path class="line" d="M2 8h11.4M8.6 3l5 5-5 5"/>',
        "dots": '<circle cx="3" cy="8" r="1.7"/><circle cx="8" cy="8" r="1.7"/><circle cx="13" cy="8" r="1.7"/>',
    }
)
"""Shapes on a field of 16 by 16; an element of class ``line`` is stroked, others are filled."""

ICONS = MappingProxyType(
    {
        "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.8-1.7L20.5 20.5",
        "menu": "M4 7h16M4 12h16M4 17h16",
        "close": "m6 6 12 12M18 6 6 18",
        "download": "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
        "link": "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1",
        "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v6m0-9.500v.1",
        "warning": "M12 3.5 22 20.500H2zM12 10v5m0 2.800v.1",
        "error": "M8 3h8l5 5v8l-5 5H8l-5-5V8zm4 4.500V13m0 3.300v.1",
        "done": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-8.8 3 3 5-6",
        "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 9c.5-4 3.5-6 8-6s7.5 2 8 6",
        "edit": "m5 19 .8-4L16 4.800l3.2 3.200L9 18.200zM14 7l3 3",
        "plus": "M12 5v14M5 12h14",
        "history": "M4 12a8 8 0 1 0 2.5-5.800L4 8.500M4 4v4.500h4.500M12 8v4.500l3 2",
        "print": "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
        "table": "M4 5h16v14H4zM4 10h16M10 10v9",
        "chart": "M4 4v16h16M7.5 15l4-5 3 3 5-6.5",
        "map": "m9 5-5 2v13l5-2 6 2 5-2V5l-5 2zm0 0v13m6-11v13",
        "calendar": "M4 6h16v14H4zM4 10.500h16M8.5 3.500V8m7-4.500V8",
        "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
        "before": "m14.5 5-7 7 7 7",
        "next": "m9.5 5 7 7-7 7",
        "outside": "M13 5h6v6m0-6-8.5 8.500M17 14v5H5V7h5",
        "flag": "M6 21V4h11l-2 4 2 4H6",
    }
)
"""Lines on a field of 24 by 24."""
