"""Words as they are found: lower case, without their endings, in the language of the text."""

from __future__ import annotations

import functools
import re

import snowballstemmer

__all__ = ["stems"]

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
# Snowball has one Norwegian stemmer, made for bokmål; it takes off nynorsk endings nearly as well.
_ALGORITHM = {"nb": "norwegian", "nn": "norwegian", "en": "english"}


@functools.cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_ALGORITHM[language])


@functools.lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of a text.

    Parameters
    ----------
    text : str
    language : {"nb", "nn", "en"}

    Examples
    --------
    >>> stems("Sykehusene og ventetidene", "nb")
    ['sykehus', 'og', 'ventetid']
    """
    return [_stem(word.lower(), language) for word in _WORD.findall(text)]
