"""Documents as DOCX: the blocks are set in the styles of a template, which an office may edit in Word.

The templates (``render/templates``) follow GB/T 9704—2012: A4, 仿宋 three, twenty-eight points a line, page numbers outside;
``report``, a ``list`` that should stay on one page, and a ``letter`` with its head and rules in red. Fonts are named, not
shipped: the usual ones are on every office machine in China, other machines replace them by what they have.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt

from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.render import blocks as b
from plananalysis.render.emf import emf_bytes
from plananalysis.render.texts import clean, fitted

_TEMPLATES = files("plananalysis.render") / "templates"
_EPOCH = datetime(2000, 1, 1)  # the same in every file: equal content, equal bytes
# faces without a Latin twin: bold in English
_BLACK = ("标题", "一级标题", "附件", "表题", "表头", "发文机关", "页眉标记")
_TABLES, _SMALL = Mm(18), 8.5  # margins of annexes, and points of the print in their tables
_MARKS = "MARKS"  # stands in the heads of a template for what every page is marked with
_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>'
_SIDES = {"l": "left", "c": "center", "r": "right"}


def word_bytes(document: b.Document, template: str = "report") -> bytes:
    """The document as a DOCX file; equal documents give equal bytes."""
    with (_TEMPLATES / f"{template}.docx").open("rb") as file:
        paper = docx.Document(file)
    about = paper.core_properties
    about.title = clean("".join(document.title))[:255]  # all that the format allows
    about.author = about.last_modified_by = about.comments = ""
    about.created = about.modified = _EPOCH
    about.revision = 1
    about.language = "zh-CN" if language() == LANGUAGES[0] else "en-GB"
    _sized(paper)
    _mark(paper, document)
    for block in document.before:
        _put(paper, block, document)
    place = _line(paper, "标题", document.title[0])
    for text in document.title[1:]:
        place.add_run().add_break(WD_BREAK.LINE)
        _run(place, text, "标题")
    for style, text in (("标记" if template != "letter" else "", document.mark), ("副题", document.subtitle)):
        if style and text:
            _line(paper, style, text)
    for block in b.flat(document.blocks):
        _put(paper, block, document)
    data = io.BytesIO()
    paper.save(data)
    return settled(data.getvalue())


def _sized(paper: Any) -> None:
    """The sizes of the standard are for Chinese characters: letters are set three quarters as large."""
    if language() == LANGUAGES[0]:
        return
    for style in paper.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH and style.font.size and style.font.size >= Pt(14):
            style.font.size = Pt(0.75 * style.font.size.pt)
            if style.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY:
                style.paragraph_format.line_spacing = Pt(round(0.66 * style.paragraph_format.line_spacing.pt))


def _mark(paper: Any, document: b.Document) -> None:
    """Put the marks of fictional data or of a draft at the head of every page and across it, or take their places out."""
    marks = clean(say("documents.marks_joint").join(m for m in (document.mark, document.stamp) if m))
    section = paper.sections[0]
    heads = [section.header, section.even_page_header]
    for head in [*heads, section.first_page_header] if section.different_first_page_header_footer else heads:
        place = head.paragraphs[0]
        if not marks:
            place.clear()
            continue
        place.runs[0].text = marks
        place.runs[0].bold = _heavy("页眉标记") or None
        for path in place._p.iter("{urn:schemas-microsoft-com:vml}textpath"):
            if path.get("string") == _MARKS:
                path.set("string", marks)


def _put(paper: Any, block: Any, document: b.Document) -> None:
    """Set one block."""
    if isinstance(block, b.Heading):
        _line(paper, "一级标题" if block.level == 1 else "二级标题", block.text)
    elif isinstance(block, b.Paragraph):
        place = _paragraph(paper, block.role if block.role in ("发文机关", "文号") else "正文段落")
        if block.lead:
            _run(place, block.lead).bold = True
        run = _run(place, block.text, block.role)
        if block.role == "发文机关":  # on one line
            size = Pt(int(_room(paper.sections[0]) / Pt(1) / len(run.text)))
            run.font.size = min(paper.styles[block.role].font.size, size)
    elif isinstance(block, b.Items):
        for text in block.lines:
            _line(paper, "正文段落", text)
    elif isinstance(block, b.Facts):
        for term, content in block.pairs:
            if content:
                place = _paragraph(paper, "表文")
                _run(place, say("documents.about", what=b.plain(term))).bold = True
                _run(place, content)
    elif isinstance(block, b.PageBreak):
        paper.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
    elif isinstance(block, b.ToFill):
        run = _run(_paragraph(paper, "待填写"), say("documents.fill.mark") + block.text)
        run._r.style = "待填写底色"
    elif isinstance(block, b.Signature):
        _signature(paper, block, document.annexes)
    elif isinstance(block, b.Annex):
        _annex(paper, block)
    elif isinstance(block, b.Figure):
        _figure(paper, block)
    elif isinstance(block, b.Table | b.Tiles):
        _table(paper, block.table() if isinstance(block, b.Tiles) else block)


def _annex(paper: Any, block: b.Annex) -> None:
    """What begins an annex; the first one turns the sheet on its side, as tables of many columns need."""
    if block.number == 1:
        section = paper.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _TABLES
    place = _line(paper, "附件", say("documents.annex", n=block.number))
    place.paragraph_format.page_break_before = False
    place.paragraph_format.keep_with_next = True


def _signature(paper: Any, block: b.Signature, annexes: Sequence[str]) -> None:
    """The list of annexes, each on its own line without a closing mark, and who signs: never alone on a page."""
    for n, name in enumerate(annexes, start=1):
        label = say("documents.annex_label") if n == 1 else say("documents.annex_indent")
        place = _line(paper, "附件说明", f"{label}{n}.{name}")
        place.paragraph_format.space_before = Pt(28) if n == 1 else None
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    for n, text in enumerate(block.lines):
        place = _line(paper, "落款", text)
        place.paragraph_format.space_before = Pt(28) if n == 0 else None
        place.paragraph_format.keep_with_next = n < len(block.lines) - 1 or None


def _room(section: Any) -> int:
    """The width of the text."""
    return section.page_width - section.left_margin - section.right_margin


def _line(paper: Any, style: str, content: Any) -> Any:
    place = _paragraph(paper, style)
    _run(place, content, style)
    return place


def _paragraph(paper: Any, style: str) -> Any:
    """A paragraph in a style of the template; named by its code, since looking one up by name takes longer than all the rest."""
    place = paper.add_paragraph()
    place._p.style = style
    return place


def _run(place: Any, content: Any, style: str = "") -> Any:
    run = place.add_run(clean(b.plain(content)))
    run.bold = _heavy(style) or None
    return run


def _heavy(style: str) -> bool:
    return style in _BLACK and language() != LANGUAGES[0]


def _figure(paper: Any, block: b.Figure) -> None:
    """A drawing as wide as it was drawn for, at most as the text, its caption below on the same page."""
    content, width, height = emf_bytes(clean(block.drawing.svg))
    number = len(paper.inline_shapes) + 1
    name = PackURI(f"/word/media/figure{number}.emf")
    known = paper.part.relate_to(Part(name, "image/x-emf", content, paper.part.package), RELATIONSHIP_TYPE.IMAGE)
    section = paper.sections[0]
    tall = section.page_height - section.top_margin - section.bottom_margin - Mm(20)  # and a line for its caption
    scale = min(_room(section) / width, tall / height, Mm(25.4) / 96)
    size = f'cx="{round(width * scale)}" cy="{round(height * scale)}"'
    spaces = nsdecls("w", "wp", "a", "pic", "r")
    place = _paragraph(paper, "表题")
    place._p.append(
        parse_xml(
            f"<w:r {spaces}><w:drawing><wp:inline><wp:extent {size}/>"
            f'<wp:docPr id="{number}" name="figure{number}" descr="{escape(clean(block.drawing.alt), {chr(34): "&quot;"})}"/>'
            '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
            f'<pic:nvPicPr><pic:cNvPr id="{number}" name="figure{number}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{known}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
            "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
    )
    place.paragraph_format.line_spacing = 1.0  # lines of fixed height would cut it
    if block.caption is not None:
        _line(paper, "图题", block.caption)


# ---- tables ----------------------------------------------------------------------------------------------------------


def _table(paper: Any, block: b.Table) -> None:
    """A ruled table with its caption above and its note below; the header repeats on every page, no row is torn."""
    if block.caption:
        _line(paper, "表题", block.caption)
    lines = [(kind, [b.cell_text(c) for c in cells]) for kind, cells in block.lines()]
    if not lines:
        _line(paper, "正文段落", block.empty or say("documents.nothing"))
        return
    section, style = paper.sections[-1], paper.styles["表文"].font.size.pt
    usual = min(style, _SMALL) if section.orientation == WD_ORIENT.LANDSCAPE else style
    width = _room(section) / Mm(1)
    heads = [b.plain(c.title) for c in block.columns]
    rows = [heads, *(cells for _, cells in lines if len(cells) == len(heads))]
    millimetres, size = fitted([c.width for c in block.columns], rows, width, usual)
    halves = "" if size == style else str(int(size * 2))
    made = _grid(block, heads, lines, [Mm(m).twips for m in millimetres], halves)
    paper.element.body.insert_element_before(made, "w:sectPr")
    if block.note or (block.caption and "tight" not in block.role.split()):  # keeps the next block at a distance
        _line(paper, "表注", b.noted(block.note))


def _grid(
    block: b.Table, heads: Sequence[str], lines: Sequence[tuple[str, Sequence[str]]], widths: Sequence[int], size: str
) -> Any:
    """The table itself, written as text and read once: built cell by cell it takes five times as long.

    Parameters
    ----------
    widths
        Of the columns, in twentieths of a point.
    size
        Of the text in half points where it is not that of the styles.
    """
    edges = "".join(
        f'<w:{e} w:val="single" w:sz="{8 if e in ("top", "bottom") else 4}" w:color="000000"/>'
        for e in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    sides = "".join(f'<w:{s} w:w="60" w:type="dxa"/>' for s in ("left", "right"))
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:type="auto" w:w="0"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar>'
        f'<w:tblLook w:val="04A0"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{''.join(_rows(block, heads, lines, widths, size))}</w:tbl>"
    )


def _rows(
    block: b.Table, heads: Sequence[str], lines: Sequence[tuple[str, Sequence[str]]], widths: Sequence[int], size: str
) -> Iterator[str]:
    """Rows that no page break tears, the heads first."""
    head = f"<w:rPr>{'<w:b/>' if _heavy('表头') else ''}{f'<w:sz w:val={size!r}/>' if size else ''}</w:rPr>"
    text = f'<w:rPr><w:sz w:val="{size}"/></w:rPr>' if size else ""
    close = f'<w:spacing w:lineRule="exact" w:line="{13 * int(size)}"/>' if size else ""  # smaller print, lines as near
    places = [_SIDES[c.align] for c in block.columns]
    across = f'<w:gridSpan w:val="{len(widths)}"/>'

    def row(
        cells: Sequence[str], sides: Sequence[str], style: str, more: str = "", cell: str = "", keep: str = ""
    ) -> str:
        look = head if style == "表头" else text
        wide = widths if len(cells) == len(widths) else [sum(widths)]
        written = "".join(
            f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{w}"/>{cell}</w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{close}'
            f'<w:jc w:val="{side}"/></w:pPr><w:r>{look}{_text(content)}</w:r></w:p></w:tc>'
            for content, w, side in zip(cells, wide, sides, strict=True)
        )
        return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{written}</w:tr>"

    yield row(heads, ["center"] * len(heads), "表头", "<w:tblHeader/>", _SHADE)
    for kind, cells in lines:
        if kind == "group":
            yield row(cells, ["left"], "表头", cell=across + _SHADE, keep="<w:keepNext/>")
        elif kind == "below":
            yield row(cells, ["left"], "表文", cell=across)
        else:
            yield row(cells, places, "表文")


def _text(text: str) -> str:
    """Content of a run: text, breaks and tabs."""
    parts = re.split("([\n\t])", clean(text))
    marks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    return "".join(marks.get(p) or f'<w:t xml:space="preserve">{escape(p)}</w:t>' for p in parts if p)


_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say


def settled(data: bytes) -> bytes:
    """The same archive with every time stamp set to one instant, whatever the program that wrote it put there."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            target.writestr(info, source.read(entry.filename))
    return result.getvalue()
