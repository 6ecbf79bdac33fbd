"""How wide words are when a drawing cannot ask the browser, and where they are parted."""

from __future__ import annotations

__all__ = ["width", "wrap"]

# Widths in parts of the letter size, of a common sans serif; a little more than they are, so that nothing runs out.
_NARROW = {**dict.fromkeys("ijlI.,:;'!|()[]", 0.3), **dict.fromkeys("frt-– ", 0.37)}
_LEAST = 4  # letters in a part of a word
_BROAD = {**dict.fromkeys("mwMW%", 0.9), **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZÆØÅ", 0.7)}


def width(words: str, size: float) -> float:
    """Return about how wide words are at a letter size [px].

    >>> width("mål", 10) < width("MÅL", 10)
    True
    """
    return size * sum(_NARROW.get(letter) or _BROAD.get(letter, 0.56) for letter in words)


def parted(word: str, room: float, size: float) -> list[str]:
    """Part a word that is wider than the room, leaving no part shorter than four letters.

    >>> parted("kontinuitetsplanlegging", 80, 13)
    ['kontinuitets-', 'planlegging']
    >>> parted("kompetanseutvikling", 120, 13)
    ['kompetanseutvik-', 'ling']
    """
    found, rest = [], word
    while width(rest, size) > room and len(rest) > 2 * _LEAST:
        count = len(rest) - _LEAST
        while count > _LEAST and width(rest[:count] + "-", size) > room:
            count -= 1
        found.append(f"{rest[:count]}-")
        rest = rest[count:]
    return [*found, rest]


def wrap(words: str, room: float, size: float, most: int) -> list[str]:
    """Return words in lines that fit a room [px]; what does not fit the last line is left out with an ellipsis.

    >>> wrap("Flere følges digitalt hjemme", 110, 13, 2)
    ['Flere følges', 'digitalt hjemme']
    >>> wrap("Flere følges digitalt hjemme", 70, 13, 1)
    ['Flere…']
    """
    lines: list[str] = []
    for whole in words.split():
        for place, word in enumerate(parted(whole, room, size)):
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and not place and width(joined, size) <= room:
                lines[-1] = joined
            else:
                lines.append(word)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(f"{last}…", size) > room:
        last = last.rpartition(" ")[0] or last[:-1]
    return [*lines[: most - 1], f"{last.rstrip('-,;')}…"]
