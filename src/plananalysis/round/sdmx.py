"""SDMX: current values as SDMX-CSV 2.0, and beside them the structure they follow, with its code lists, as SDMX-ML 3.0.

Statistical offices exchange data so. Identifiers hold letters, digits and ``_ @ $ -`` alone (SDMX 3.0, section 2, IDType): ours hold
points and signs, so each code is written in those, and its list says what it means.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from plananalysis.base.text import say

AGENCY, FLOW, STRUCTURE, VERSION = "PLANANALYSIS", "PLAN_MONITORING", "PLAN_MONITORING", "1.0.0"
_DIMENSIONS = ("FREQ", "REF_AREA", "INDICATOR", "BREAKDOWN", "DEFINITION")
_ATTRIBUTES = ("UNIT_MEASURE", "DECIMALS", "OBS_STATUS", "CONF_STATUS", "REPORTED_AT", "COMMENT_OBS")
_CODED = (*_DIMENSIONS, "UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS")
_TEXTS = {"DECIMALS": "Integer", "REPORTED_AT": "GregorianDay", "COMMENT_OBS": "String", "TIME_PERIOD": "GregorianYear"}
_UNITS = {
    **{"%": "PT", "‰": "PER_1000", "1/10万": "PER_100000", "女=100": "PER_100_WOMEN", "比": "RATIO"},
    **{"人": "PS", "名": "PS_POSTS", "人次": "PS_TIMES", "万人": "10000_PS", "岁": "AGE_Y", "年": "Y", "小时": "H"},
}
TOTAL, NONE = "_T", "_Z"
_STATUS = ("A", "B", "E", "M", "N", "P", "Q")
_CONFIDENTIALITY = ("F", "N", "C")
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_@$-]+")
_NS = {
    "mes": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message",
    "str": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure",
    "com": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common",
}


def identifier(text: str) -> str:
    """A code as SDMX can write it; one that has no such letter at all gets its checksum.

    >>> identifier("W05a.1"), identifier("sex:female"), identifier("张/千人")
    ('W05a_1', 'sex_female', 'X_64cfb028')
    """
    plain = _FORBIDDEN.sub("_", text).strip("_")
    return plain or f"X_{zlib.crc32(text.encode()):08x}"


def unit_code(unit: str) -> str:
    """Code of a unit of measure: SDMX's own where there is one."""
    return _UNITS.get(unit) or identifier(unit)


def row(values: Mapping[str, Any], area: str, free: bool) -> dict[str, Any]:
    """One observation as a line of SDMX-CSV.

    Parameters
    ----------
    values
        A row of the database's current values, with the series' unit and decimals.
    free
        What is not withheld may be published; otherwise every value is for internal use.
    """
    withheld = values["obs_status"] == "Q"
    return {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": f"{AGENCY}:{FLOW}({VERSION})",
        "ACTION": "I",
        "FREQ": "A",
        "REF_AREA": identifier(area),
        "INDICATOR": identifier(values["series"]),
        "BREAKDOWN": TOTAL if values["group_code"] == "total" else identifier(values["group_code"]),
        "DEFINITION": identifier(values["definition"]) if values["definition"] else NONE,
        "TIME_PERIOD": values["year"],
        "OBS_VALUE": values["value_text"] if values["value"] is not None else "",
        "UNIT_MEASURE": unit_code(values["unit"]),
        "DECIMALS": values["decimals"],
        "OBS_STATUS": values["obs_status"][:1],  # SDMX has one letter: of a break that is provisional, the break
        "CONF_STATUS": "C" if withheld else "F" if free else "N",
        "REPORTED_AT": values["reported_at"],
        "COMMENT_OBS": " ".join(str(values["note"] or "").split()),
    }


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """SDMX-CSV, without the mark that spreadsheets like: readers of SDMX take it for a part of the first column's name."""
    columns = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *_DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *_ATTRIBUTES)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def structure(area: str, name: str, codes: Mapping[str, Mapping[str, str]]) -> bytes:
    """The structure of the data: dataflow, dimensions, attributes, concepts and code lists.

    Parameters
    ----------
    codes
        What the data hold, by dimension or attribute: name by code as the database writes it.
    """
    for prefix, uri in _NS.items():
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.Element(_tag("mes:Structure"))
    header = _add(root, "mes:Header")
    _add(header, "mes:ID", text=f"plananalysis-{identifier(area)}")
    _add(header, "mes:Test", text="false")
    _add(header, "mes:Prepared", text="2000-01-01T00:00:00")  # any fixed day: equal data give equal bytes
    _add(header, "mes:Sender", id=AGENCY)
    parts = _add(root, "mes:Structures")
    _code_lists(_add(parts, "str:Codelists"), codes)
    concepts = _maintained(
        _add(parts, "str:ConceptSchemes"), "str:ConceptScheme", "CS_PLAN", say("database.sdmx.concepts")
    )
    for concept in (*_DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *_ATTRIBUTES):
        _named(concepts, "str:Concept", concept, say(f"database.sdmx.concept.{concept}"))
    _definition(_add(parts, "str:DataStructures"), name)
    flow = _maintained(_add(parts, "str:Dataflows"), "str:Dataflow", FLOW, name)
    _add(flow, "str:Structure", text=_urn("datastructure.DataStructure", STRUCTURE))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _code_lists(parent: ElementTree.Element, codes: Mapping[str, Mapping[str, str]]) -> None:
    fixed = {
        "FREQ": {"A": say("database.sdmx.annual")},
        "OBS_STATUS": {code: say(f"database.sdmx.status.{code}") for code in _STATUS},
        "CONF_STATUS": {code: say(f"database.sdmx.confidentiality.{code}") for code in _CONFIDENTIALITY},
    }
    special = {"BREAKDOWN": {TOTAL: say("returns.total")}, "DEFINITION": {NONE: say("database.sdmx.none")}}
    for concept in _CODED:
        listed = _maintained(parent, "str:Codelist", f"CL_{concept}", say(f"database.sdmx.concept.{concept}"))
        written = unit_code if concept == "UNIT_MEASURE" else identifier
        found = fixed.get(concept) or {written(code): text for code, text in codes.get(concept, {}).items()}
        for code, text in sorted((special.get(concept, {}) | found).items()):
            _named(listed, "str:Code", code, text)


def _definition(parent: ElementTree.Element, name: str) -> None:
    definition = _maintained(parent, "str:DataStructure", STRUCTURE, name)
    components = _add(definition, "str:DataStructureComponents")
    dimensions = _add(components, "str:DimensionList", id="DimensionDescriptor")
    for place, concept in enumerate(_DIMENSIONS, start=1):
        _component(dimensions, "str:Dimension", concept, position=str(place))
    _component(dimensions, "str:TimeDimension", "TIME_PERIOD")
    attributes = _add(components, "str:AttributeList", id="AttributeDescriptor")
    for concept in _ATTRIBUTES:
        required = "optional" if concept == "COMMENT_OBS" else "mandatory"
        attribute = _component(attributes, "str:Attribute", concept, usage=required)
        _add(_add(attribute, "str:AttributeRelationship"), "str:Observation")
    measures = _add(components, "str:MeasureList", id="MeasureDescriptor")
    _component(measures, "str:Measure", "OBS_VALUE", usage="optional")


def _component(parent: ElementTree.Element, tag: str, concept: str, **attributes: str) -> ElementTree.Element:
    element = _add(parent, tag, id=concept, **attributes)
    _add(element, "str:ConceptIdentity", text=f"{_urn('conceptscheme.Concept', 'CS_PLAN')}.{concept}")
    representation = _add(element, "str:LocalRepresentation")
    if concept in _CODED:
        _add(representation, "str:Enumeration", text=_urn("codelist.Codelist", f"CL_{concept}"))
    else:
        _add(representation, "str:TextFormat", textType=_TEXTS.get(concept, "Decimal"))
    return element


def _maintained(parent: ElementTree.Element, tag: str, name: str, text: str) -> ElementTree.Element:
    element = _named(parent, tag, name, text)
    element.set("agencyID", AGENCY)
    element.set("version", VERSION)
    return element


def _named(parent: ElementTree.Element, tag: str, name: str, text: str) -> ElementTree.Element:
    element = _add(parent, tag, id=name)
    _add(element, "com:Name", text=text or name).set("{http://www.w3.org/XML/1998/namespace}lang", "zh")
    return element


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _tag(tag), attributes)
    element.text = text or None
    return element


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NS[prefix]}}}{local}"


def _urn(kind: str, name: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={AGENCY}:{name}({VERSION})"


def codes_of(
    rows: Iterable[Mapping[str, Any]], area: str, area_name: str, names: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """The codes that observations use, with their names.

    Parameters
    ----------
    names
        Names of series, groups and definitions, under ``INDICATOR``, ``BREAKDOWN`` and ``DEFINITION``.
    """
    columns = {"UNIT_MEASURE": "unit", "INDICATOR": "series", "BREAKDOWN": "group_code", "DEFINITION": "definition"}
    unsaid = {("BREAKDOWN", "total"), ("DEFINITION", "")}  # these SDMX writes in codes of its own
    found: dict[str, dict[str, str]] = {"REF_AREA": {area: area_name}, **{concept: {} for concept in columns}}
    for one in rows:
        for concept, column in columns.items():
            if (concept, code := one[column]) not in unsaid:
                found[concept][code] = names.get(concept, {}).get(code, code)
    return found
