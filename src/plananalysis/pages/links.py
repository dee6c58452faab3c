"""Where things stand: files of pages, and codes and names that lead to them."""

from __future__ import annotations

from plananalysis.base.text import say
from plananalysis.editions.opened import Domain, Published, Record
from plananalysis.render.blocks import Words, words


def indicator_link(row: Record, here: bool = False) -> Words:
    """Code and name, leading to the indicator's card; a series for comparison alone has none."""
    code = row.text("series")
    if row.text("role") == "reference":
        return coded(code, row.text("name"))
    place = "" if here else page_file(row.text("domain"))
    return words(coded(code), words(row.text("name"), link=f"{place}#{code}"))


def coded(code: str, name: str = "") -> Words:
    """A code, and the name behind it."""
    return words(words(code, role="code"), name)


def domain_link(edition: Published, domain: Domain) -> Words:
    title = say("pages.domain_of", plan=edition.plan_name(domain.plan), domain=domain.name)
    return words(title, link=page_file(domain.code))


def unit_file(code: str) -> str:
    """File of a unit's sheet beside ``index.html``."""
    return page_file(f"unit.{code}")


def unit_link(edition: Published, code: str, name: str) -> Words:
    """A unit, for the offices leading to its sheet."""
    link = unit_file(code) if edition.audience == "internal" and code else ""
    return words(words(name, role="b"), link=link) if link else words(name, role="b")


def page_file(name: str) -> str:
    """File of a page beside ``index.html``: a domain code, ``data_quality`` or ``method_check``."""
    return f"{name}.html"
