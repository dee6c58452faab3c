"""What every page of the reports shows: one class per page, one method per question, each returning a piece of HTML.

A notebook holds the questions and calls; nothing here computes a verdict, it only shows the derived tables.
"""

from plananalysis.pages.published import Published, open_edition
from plananalysis.pages.tables import Block
from plananalysis.pages.wording import page_file

__all__ = ["Block", "Published", "open_edition", "page_file"]
