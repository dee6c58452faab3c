"""Make the package's font from Noto Sans CJK SC (Debian: fonts-noto-cjk). For maintainers; users never run it.

    python tools/make_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Reports must show Chinese on machines without any Chinese font, and a figure must look the same everywhere, so the
package carries its own: every GB 2312 character, the frequent traditional ones (quoted sources), the symbols statistics
need, and characters that names and dates use beyond them. The Open Font Licence lets a subset be shipped; the family is
renamed because it is a modified version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Plan Sans SC"
TARGET = Path(__file__).parents[1] / "src" / "plananalysis" / "fonts" / "PlanSansSC-Regular.otf"
SOURCE_FAMILY = "Noto Sans CJK SC"
# what GB 2312 lacks: the zero of 二〇二五, bullets, minus and dashes, quotes, arrows, marks of charts, superscripts of units
SYMBOLS = (
    "〇•‰≥≤≈≠±×÷−–—―…·‘’“”‹›«»′″←↑→↓↗↘↔●○◎◆◇■□▲△▼▽★☆✓①②③④⑤⑥⑦⑧⑨⑩㎡¹²³⁴½¼¾°℃µ§©®¥€£№†‡￥%+-=<>|~\u00a0\u2002\u2003\u3000"
)
# given names and place names beyond GB 2312 that are common enough to stand in a note or a signature
VARIANTS = "産児戸歳満爲衆裏麪着綫啓説脱稅産卽眞綠靑"  # other forms that converted pages of official sites use
NAMES = "喆龑镕堃昇玥玗珺瑄璟琬旻昱晞炜烨煜玮琇琰璇瓒甯祎祺禛禤稞翀翊芃芊茜茗荃莜菡蓁蕙薇蘅蠡赟踔轩轶钰锜锳镠閟霁霏靓韫颋颢馨骁骐麒麟黟侞倞偲傛勍囡圳埗堉塍夔妍妤姝婧婳媖媛嫣孖尧岚峤嵘嵩巍弢彧徕忞怡恺惇慜戬抃挦斓昀昉昊昕昶晗晟晔晖晙暄暐暘曈曦朦杺栩桉栎梓棪楠榕樾櫆欣歆沁沄沅沐泓泠泽洺浔浠涵淇淏淼渼湉湜溦滢漪潇澍澜瀚灏焱焯煊熠燊燚珈珉珏珩琛琤琦琨琪琳瑀瑗瑜瑶瑾璐璘璞璠瓅畑畯皓皛皞睿瞳砚硕祯禧稷筠筱箬篪綦绮绯缇羲翃翎翙翚翯耘芮芷苒苡茉茵荔荞莛莞莹菁菲萱葳蒨蓓蔓薏藜虔袆裎褀觅詝誉诗诣谡谦赜跞迦逖逸遥邕郃郗郦酆釉鑫钊钏钤铄铎铖铠铭锴锵镛闫阆陟隽雯霂霄霆霖靖鞠韡韬顗颀颉颖颜飏馥骅骊骞鹄鹏鹭麓黛"


def characters() -> set[str]:
    """Every character the font is to hold."""
    simplified = _decoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    traditional = _decoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])  # the frequent ones
    latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x100))}
    return simplified | traditional | latin | set(SYMBOLS + VARIANTS + NAMES)


def _decoded(encoding: str, first: Iterable[int], second: Iterable[int]) -> set[str]:
    """The characters a two-byte encoding has in a block."""
    return {c for pair in product(first, second) if len(c := bytes(pair).decode(encoding, "ignore")) == 1}


def make(source: Path, target: Path) -> int:
    """Write the subset; returns its size in bytes.

    Raises
    ------
    SystemExit
        The collection has no Simplified Chinese face.
    """
    for number in range(16):
        font = TTFont(source, fontNumber=number, lazy=True, recalcTimestamp=False)
        if font["name"].getDebugName(1) == SOURCE_FAMILY:
            break
    else:
        raise SystemExit(f"{source} has no face {SOURCE_FAMILY}")
    options = subset.Options()
    options.hinting = False  # screens of today do not need it, and it is a quarter of the size
    options.desubroutinize = True  # outlines that share no parts are cut in a third of the time, and hardly larger
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"]
    options.notdef_outline = True
    tool = subset.Subsetter(options)
    tool.populate(unicodes=[ord(c) for c in characters()])
    tool.subset(font)
    if missing := sorted(c for c in characters() if ord(c) not in font.getBestCmap()):
        raise SystemExit(f"{SOURCE_FAMILY} lacks {''.join(missing)}")
    rename(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)
    return target.stat().st_size


def rename(font: TTFont) -> None:
    """Give the modified version its own name; copyright and licence stay."""
    postscript = FAMILY.replace(" ", "") + "-Regular"
    texts = {1: FAMILY, 2: "Regular", 3: f"2.004;{postscript}", 4: f"{FAMILY} Regular", 6: postscript}
    table = font["name"]
    table.names = [n for n in table.names if n.nameID in {0, 5, 13, 14} and n.langID == 0x409]
    for number, text in texts.items():
        table.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FamilyName = FAMILY
    cff.topDictIndex[0].FullName = f"{FAMILY} Regular"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(f"{TARGET.name}: {make(Path(sys.argv[1]), TARGET) / 1e6:.2f} MB, {len(characters())} characters asked for")
