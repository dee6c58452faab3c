"""What the real histories of other places are called: indicators, places and sources by the codes of the reference register."""

from __future__ import annotations

from plananalysis.base.text import catalogue, language


def indicator_name(indicator: str) -> str:
    """Name of a reference indicator in the language spoken.

    >>> indicator_name("n00925 Medellivslängd kvinnor, år"), indicator_name("SDG 3-2-2")
    ('女性平均预期寿命', '新生儿死亡率')
    """
    return _named("indicator", indicator.replace("SDG ", "sdg_").partition(" ")[0], indicator)


def place_name(entity: str) -> str:
    """Name of a place of the reference register, as ``c-rus``, in the language spoken."""
    return _named("place", entity, entity)


def source_name(source: str) -> str:
    """Who publishes a source of the reference register, in the language spoken."""
    return _named("source", source, source)


def _named(what: str, code: str, otherwise: str) -> str:
    """From the catalogue; a register of one's own may hold what has no name there, and is called as it is there."""
    return catalogue(language()).get(f"analogue.{what}.{code}", otherwise)
