"""The pages made from one published edition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.editions.opening import opened
from plananalysis.pages.brief import BriefPage
from plananalysis.pages.definitions import IndicatorsPage
from plananalysis.pages.domain import DomainPage
from plananalysis.pages.method import MethodPage
from plananalysis.pages.quality import QualityPage
from plananalysis.pages.unit import UnitPage


@dataclass(frozen=True, repr=False)
class PublishedPages(Published):
    """The tables of one edition and the pages made from them."""

    def brief(self) -> BriefPage:
        """The overview for the leading group."""
        return BriefPage(self.seen_by("overview"))

    def domain_page(self, domain: str) -> DomainPage:
        """The report on one domain; ``domain`` is a code such as ``women.health``."""
        if domain not in self.domain_codes:
            raise UsageError(
                self.say("pages.unknown_domain", domain=domain, known=say("joint.list").join(self.domain_codes))
            )
        return DomainPage(self.seen_by("domain", domain), next(d for d in self.domains if d.code == domain))

    def unit_page(self, unit: str) -> UnitPage:
        """The sheet one responsible unit gets back; ``unit`` is its code."""
        return UnitPage.of(self, unit)

    def quality_page(self) -> QualityPage:
        """What was reported, what looks wrong and what is missing."""
        return QualityPage(self.seen_by("data_quality"))

    def indicators_page(self) -> IndicatorsPage:
        """What every indicator means and where its numbers come from."""
        return IndicatorsPage(self.seen_by("indicators"))

    def method_page(self) -> MethodPage:
        """How good projections of this kind were when checked."""
        return MethodPage(self.seen_by("method_check"))


def open_edition(
    area: str,
    as_of: int,
    root: Path | None = None,
    language: str | None = None,
    audience: str = "internal",
    mode: str = "annual",
    outline: str = "",
) -> PublishedPages:
    """Open one built edition for reading.

    Parameters
    ----------
    area
        Area code, a folder of ``data/raw``.
    as_of
        Last data year used.
    root
        The project's folder; found from the working folder when not given.
    language
        ``zh`` or ``en``, of this edition alone; by default the one spoken at the moment.
    audience, mode
        See :class:`Published`.
    outline
        Id of the plan period, where several run in that year; "" for the area's first one.

    Raises
    ------
    UsageError
        There is no such area or edition; the message lists the ones there are.
    """
    return opened(area, as_of, root, language, audience, mode, outline, kind=PublishedPages)
