"""Documents as DOCX in the layout of official papers (GB/T 9704—2012): A4, 仿宋 three, twenty-eight points a line, page numbers outside."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.render.archive import settled
from plananalysis.render.blocks import (
    Annex,
    Document,
    Heading,
    Items,
    Paragraph,
    Signature,
    Table,
    ToFill,
    cell_text,
    flat,
    noted,
    plain,
)
from plananalysis.render.texts import clean, fitted

# named, not shipped: the first two are on every office machine in China, other machines replace them by what they have
BODY, TITLE, BLACK, KAI = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
_LATIN = "Times New Roman"
_SIZE, _PITCH = 16, 28  # points: 三号, and the pitch that gives 22 lines a page
_MARGINS = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}  # mm
_WIDTH = 156  # mm between the margins
_RED = RGBColor(0xC0, 0x00, 0x00)
_EPOCH = datetime(2000, 1, 1)  # the same in every file: equal content, equal bytes
_ALIGN = {"l": WD_ALIGN_PARAGRAPH.LEFT, "c": WD_ALIGN_PARAGRAPH.CENTER, "r": WD_ALIGN_PARAGRAPH.RIGHT}


def word_bytes(document: Document, compact: bool = False) -> bytes:
    """The document as a DOCX file; equal documents give equal bytes.

    Parameters
    ----------
    compact
        For a list that should stay on one page: narrow margins, a smaller title, tables close to it.
    """
    paper = new_paper(document, compact)
    title(paper, document.title, compact)
    size = 11 if compact else _SIZE
    for text, colour in ((document.mark, _RED), (document.subtitle, None)):
        if text:
            place = line(paper, text, WD_ALIGN_PARAGRAPH.CENTER, size=size, font=KAI, colour=colour)
            spaced(place, 16 if compact else _PITCH)
    for block in flat(document.blocks):
        if isinstance(block, Signature) and document.annexes:
            annex_list(paper, document.annexes)
        put(paper, block, compact)
    return saved(paper)


def saved(paper: Any) -> bytes:
    data = io.BytesIO()
    paper.save(data)
    return settled(data.getvalue())


def new_paper(document: Document, compact: bool = False) -> Any:
    """An empty paper with its page, fonts, page numbers and marks."""
    paper = docx.Document()
    properties = paper.core_properties
    properties.title = clean("".join(document.title))[:255]  # all that the format allows
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _EPOCH
    properties.revision = 1
    properties.language = "zh-CN" if language() == LANGUAGES[0] else "en-GB"
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    margins = dict.fromkeys(_MARGINS, 15) if compact else _MARGINS
    for name, size in margins.items():
        setattr(section, name, Mm(size))
    section.header_distance, section.footer_distance = Mm(8 if compact else 15), Mm(6 if compact else 25)
    _body_style(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, "r"), (section.even_page_footer, "l")):
        _page_number(footer.paragraphs[0], align, 1 if not compact else 0)
    for header in (section.header, section.even_page_header):
        if marks := marks_of(document):
            marked(header.paragraphs[0], marks)
    return paper


def marks_of(document: Document) -> str:
    """Words that stand on every page: that data are fictional, that it is a draft."""
    return say("documents.marks_joint").join(m for m in (document.mark, document.stamp) if m)


def marked(place: Any, marks: str) -> None:
    """Put the marks of fictional data or of a draft at the head of a page and across it."""
    place.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(place, marks, size=12, font=BLACK, colour=_RED)
    _watermark(place, marks)


def put(paper: Any, block: Any, compact: bool = False) -> None:
    """Set one block; of a figure, which this format cannot hold as it is drawn, nothing is set."""
    if isinstance(block, Heading):
        font = BLACK if block.level == 1 else KAI
        place = line(paper, plain(block.text), font=font, indent=True)
        place.paragraph_format.keep_with_next = True
        _outline(place, block.level)
    elif isinstance(block, Paragraph):
        place = _paragraph(paper, indent=True)
        if block.lead:
            _run(place, block.lead, bold=True)
        _run(place, plain(block.text))
    elif isinstance(block, Items):
        for text in block.lines:
            _run(_paragraph(paper, indent=True), plain(text))
    elif isinstance(block, ToFill):
        place = _paragraph(paper, indent=True)
        _shade(_run(place, say("documents.fill.mark") + block.text, font=KAI))
    elif isinstance(block, Signature):
        paper.paragraphs[-1].paragraph_format.keep_with_next = True  # a signature never stands alone on a page
        line(paper, "").paragraph_format.keep_with_next = True
        for text in block.lines:
            place = line(paper, text, WD_ALIGN_PARAGRAPH.RIGHT)
            place.paragraph_format.right_indent = Pt(4 * _SIZE)
            place.paragraph_format.keep_with_next = text is not block.lines[-1]
    elif isinstance(block, Annex):
        place = line(paper, say("documents.annex", n=block.number), font=BLACK)
        place.paragraph_format.page_break_before = True
    elif isinstance(block, Table):
        table(paper, block, compact)


def title(paper: Any, lines: Sequence[str], compact: bool = False) -> None:
    place = _paragraph(paper, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=22 if compact else 36)
    for i, text in enumerate(lines):
        if i:
            place.add_run().add_break(WD_BREAK.LINE)
        _run(place, text, size=18 if compact else 22, font=TITLE)
    _outline(place, 0)
    if not compact:
        line(paper, "")


def annex_list(paper: Any, names: Sequence[str]) -> None:
    """附件: after the text, each on its own line, without a closing mark."""
    line(paper, "")
    for n, name in enumerate(names, start=1):
        label = say("documents.annex_label") if n == 1 else say("documents.annex_indent")
        line(paper, f"{label}{n}.{name}", indent=True)


def line(
    paper: Any,
    text: str,
    align: Any = None,
    size: float = _SIZE,
    font: str = BODY,
    indent: bool = False,
    colour: RGBColor | None = None,
) -> Any:
    place = _paragraph(paper, align=align, indent=indent)
    if text:
        _run(place, text, size=size, font=font, colour=colour)
    return place


def table(paper: Any, block: Table, compact: bool = False) -> None:
    """A ruled table with its caption above and its note below; the header repeats on every page, no row is torn."""
    size, pitch = (8.5, 11) if compact else (9.5, 13)
    place = _paragraph(paper, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=18 if compact else 24)
    _run(place, block.caption, size=11 if compact else 14, font=BLACK)
    place.paragraph_format.keep_with_next = True
    lines = [(kind, [cell_text(c) for c in cells]) for kind, cells in block.lines()]
    if not lines:
        _run(_paragraph(paper, indent=True), block.empty or say("documents.nothing"))
        return
    heads = [plain(c.title) for c in block.columns]
    rows = [heads, *(cells for kind, cells in lines if len(cells) == len(heads))]
    millimetres, size = fitted([c.width for c in block.columns], rows, 180 if compact else _WIDTH, size)
    made = _grid(block, heads, lines, [Mm(m).twips for m in millimetres], size, pitch)
    paper.element.body.insert_element_before(made, "w:sectPr")
    note = _paragraph(paper, pitch=pitch + 3)
    if block.note:
        _run(note, noted(block.note), size=size)


def _grid(
    block: Table,
    heads: Sequence[str],
    lines: Sequence[tuple[str, Sequence[str]]],
    widths: Sequence[int],
    size: float,
    pitch: float,
) -> Any:
    """The table itself, written as text and read once: built cell by cell it takes five times as long.

    Parameters
    ----------
    widths
        Of the columns, in twentieths of a point.
    """
    edges = "".join(
        f'<w:{e} w:val="single" w:sz="{8 if e in ("top", "bottom") else 4}" w:color="000000"/>'
        for e in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    sides = "".join(f'<w:{s} w:w="60" w:type="dxa"/>' for s in ("left", "right"))
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    places = [_SIDES[c.align] for c in block.columns]
    across = f'<w:gridSpan w:val="{len(widths)}"/>'
    rows = [
        _row(
            [(h, w, "center") for h, w in zip(heads, widths, strict=True)], size, pitch, BLACK, "<w:tblHeader/>", _SHADE
        )
    ]
    for kind, cells in lines:
        if kind in ("group", "below"):
            font, cell, more = (BLACK, across + _SHADE, _KEEP) if kind == "group" else (BODY, across, "")
            rows.append(_row([(cells[0], sum(widths), "left")], size, pitch, font, "", cell, more))
        else:
            rows.append(_row(list(zip(cells, widths, places, strict=True)), size, pitch, BODY))
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:type="auto" w:w="0"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar>'
        f'<w:tblLook w:val="04A0"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


_SIDES = {"l": "left", "c": "center", "r": "right"}
_KEEP = "<w:keepNext/>"
_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>'


def _row(
    cells: Sequence[tuple[str, int, str]],
    size: float,
    pitch: float,
    font: str,
    row: str = "",
    cell: str = "",
    paragraph: str = "",
) -> str:
    """A row that no page break tears; ``cells`` are text, width and side, the rest is what row, cells and paragraphs carry besides."""
    spacing = f'<w:spacing w:before="0" w:after="0" w:line="{Pt(pitch).twips}" w:lineRule="exact"/>'
    heavy = "<w:b/>" if _heavy(font) else ""
    face = (
        f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{font}"/>{heavy}<w:sz w:val="{int(size * 2)}"/>'
    )
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{wide}"/>{cell}</w:tcPr>'
        f'<w:p><w:pPr>{paragraph}{spacing}<w:jc w:val="{side}"/></w:pPr><w:r><w:rPr>{face}</w:rPr>{_text(text)}</w:r></w:p></w:tc>'
        for text, wide, side in cells
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{row}</w:trPr>{written}</w:tr>"


def _text(text: str) -> str:
    """Content of a run: text, breaks and tabs."""
    parts = re.split("([\n\t])", clean(text))
    marks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    return "".join(marks.get(p) or f'<w:t xml:space="preserve">{escape(p)}</w:t>' for p in parts if p)


def _heavy(font: str) -> bool:
    """Whether a face has to be bold: those that make Chinese headings stand out have no Latin twin."""
    return font in (BLACK, TITLE) and language() != LANGUAGES[0]


def _body_style(paper: Any) -> None:
    style = paper.styles["Normal"]
    style.font.name, style.font.size = _LATIN, Pt(_SIZE)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), BODY)
    spoken = OxmlElement("w:lang")  # without it a machine may draw the characters in their Japanese form
    spoken.set(qn("w:val"), "en-US")  # a Chinese setting for digits would tear numbers at a line's end
    spoken.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(spoken)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)


def _paragraph(paper: Any, align: Any = None, indent: bool = False, pitch: float = _PITCH) -> Any:
    place = paper.add_paragraph()
    place.alignment = align
    spaced(place, pitch)
    if indent:
        place.paragraph_format.first_line_indent = Pt(2 * _SIZE)
        indents = place._p.get_or_add_pPr().find(qn("w:ind"))
        indents.set(qn("w:firstLineChars"), "200")  # two characters whatever the size
    return place


def spaced(place: Any, points: float) -> None:
    """Exact distance from line to line, nothing before or after."""
    place.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    place.paragraph_format.line_spacing = Pt(points)
    place.paragraph_format.space_after = place.paragraph_format.space_before = Pt(0)


def _run(
    place: Any, text: str, size: float = _SIZE, font: str = BODY, bold: bool = False, colour: RGBColor | None = None
) -> Any:
    run = place.add_run(clean(text))
    run.font.size, run.font.bold = Pt(size), bold or _heavy(font) or None
    run.font.name = _LATIN  # for digits and letters
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _shade(run: Any) -> None:
    run._r.get_or_add_rPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="FFF2CC"/>'))


def _outline(place: Any, level: int) -> None:
    """Let the navigation pane show the heading without a style that changes its look."""
    properties = place._p.get_or_add_pPr()
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level))
    properties.append(mark)


def _page_number(place: Any, align: str, characters: int) -> None:
    """— 1 — in half-width 四号 digits, one character in from the outer edge."""
    place.alignment = _ALIGN[align]
    indent = Pt(characters * _SIZE)
    if align == "r":
        place.paragraph_format.right_indent = indent
    else:
        place.paragraph_format.left_indent = indent
    _run(place, "— ", size=14, font="宋体")
    run = _run(place, "", size=14, font="宋体")
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)
    _run(place, " —", size=14, font="宋体")


def _watermark(place: Any, text: str) -> None:
    """Large pale words across the page, behind the text."""
    words = quoteattr(clean(text))
    shape = (
        '<w:pict xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">'
        '<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>'
        '<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>'
        '<v:f eqn="if @0 @4 21600"/></v:formulas><v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/>'
        '</v:shapetype><v:shape id="watermark" type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:400pt;'
        "height:70pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#d9d9d9" stroked="f">'
        f'<v:fill opacity=".5"/><v:textpath style=\'font-family:"黑体";font-size:1pt\' string={words}/></v:shape></w:pict>'
    )
    place.add_run()._r.append(parse_xml(shape))
