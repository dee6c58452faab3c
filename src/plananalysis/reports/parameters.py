"""What a notebook may be asked for, checked before anything runs.

papermill itself only logs a misspelt parameter, and then renders the report for the default one.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import read_json
from plananalysis.base.text import say
from plananalysis.editions.variant import allow

_TYPES = {"str": str, "int": int, "float": float, "bool": bool}


def declared(notebook: Path) -> dict[str, type]:
    """Name and type of every parameter in the notebook's cell tagged ``parameters``.

    Raises
    ------
    UsageError
        The file is not a notebook, or has not exactly one such cell.
    """
    try:
        cells = read_json(notebook)["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(say("reports.misuse.not_a_notebook", notebook=notebook.name, message=error)) from None
    tagged = [c for c in cells if c["cell_type"] == "code" and "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise UsageError(say("reports.misuse.parameter_cells", notebook=notebook.name, count=len(tagged)))
    types: dict[str, type] = {}
    for statement in ast.parse("".join(tagged[0]["source"])).body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            types[statement.target.id] = _TYPES.get(ast.unparse(statement.annotation), object)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            types[statement.targets[0].id] = type(value.value) if isinstance(value, ast.Constant) else object
    return types


def check(notebook: Path, values: Mapping[str, object], allowed: Mapping[str, Collection[object]]) -> None:
    """Refuse unknown names, wrong types and values that do not exist.

    Parameters
    ----------
    notebook
        The notebook that is to get the values.
    values
        Parameter values by name; only plain text, numbers and truth values can be passed to a notebook.
    allowed
        For some names, the values that exist.

    Raises
    ------
    UsageError
        Says what was wrong and what is allowed.
    """
    types = declared(notebook)
    if unknown := sorted(set(values) - set(types)):
        names = {"unknown": "、".join(unknown), "known": "、".join(types)}
        raise UsageError(say("reports.misuse.unknown_parameter", notebook=notebook.name, **names))
    for name, value in values.items():
        if type(value) is not types[name] and types[name] is not object:
            raise UsageError(say("reports.misuse.type", name=name, value=value, type=types[name].__name__))
        if name in allowed:
            allow(name, value, allowed[name])
