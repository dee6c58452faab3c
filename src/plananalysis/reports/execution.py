"""Execution of one notebook by papermill, with two engines that give equal outputs.

``kernel``
    papermill's own, with a fresh kernel of the interpreter that runs this very code; works everywhere.
``shell``
    An IPython shell inside this process: no kernel to start, no sockets. Whoever uses it gives each notebook a process
    of its own (see ``worker``), so that notebooks cannot see each other's state.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat
import papermill
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node, papermill_io
from papermill.parameterize import parameterize_notebook
from papermill.utils import chdir
from traitlets.config import Config

from plananalysis.base.tables import content

logging.getLogger("papermill").setLevel(logging.ERROR)


class PageError(Exception):
    """A notebook did not run to its end.

    Parameters
    ----------
    name, message
        The error's type and text.
    cell
        Number of the failing cell in the committed notebook, counted from 1; 0 when no cell is to blame.
    start
        True when the notebook never began, which may go away by itself.
    """

    def __init__(self, name: str, message: str, cell: int = 0, start: bool = False) -> None:
        self.name, self.message, self.cell, self.start = name, message, cell, start
        super().__init__(f"{name}: {message}")


def execute(
    notebook: Path, parameters: Mapping[str, object], folder: Path, engine: str = "shell", seconds: int = 300
) -> NotebookNode:
    """Run a notebook from top to bottom.

    Parameters
    ----------
    notebook, parameters
        What to run, with which values in place of those in its ``parameters`` cell.
    folder
        Working directory of the notebook.
    engine
        ``shell`` or ``kernel``.
    seconds
        Time limit of a cell in a kernel. A shell cannot be stopped from inside: its process has to be.

    Raises
    ------
    PageError
        A cell raised, ran too long, or ended the program early, even with ``sys.exit(0)``, which papermill takes for success.
    """
    try:
        executed = (_in_shell if engine == "shell" else _in_kernel)(notebook, dict(parameters), folder, seconds)
    except PapermillExecutionError as error:
        raise PageError(error.ename, error.evalue, _committed_number(notebook, error.cell_index)) from error
    except CellTimeoutError as error:
        raise PageError("TimeoutError", f"over {seconds} s") from error
    except DeadKernelError as error:
        raise PageError("DeadKernelError", str(error)) from error
    except RuntimeError as error:  # jupyter_client: kernel died before replying, or never replied
        raise PageError("KernelStartError", str(error), start=True) from error
    for index, cell in enumerate(executed.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            number = _committed_number(notebook, index)
            raise PageError("EarlyExit", "the notebook ended before this cell had run", number)
    return executed


def _in_kernel(notebook: Path, parameters: dict[str, object], folder: Path, seconds: int) -> NotebookNode:
    return papermill.execute_notebook(
        f"{_Held.SCHEME}{notebook}",
        None,
        parameters=parameters,
        kernel_name="python3",  # a name papermill wants; which interpreter runs is decided by RunningInterpreter
        language="python",
        cwd=str(folder),
        progress_bar=False,
        start_timeout=60,
        kernel_manager_class=RunningInterpreter,
        execution_timeout=seconds,
    )


def _in_shell(notebook: Path, parameters: dict[str, object], folder: Path, seconds: int) -> NotebookNode:
    """What papermill does, by papermill's parts, without its clock and its copy for a file: of a page they were a sixth."""
    made = remove_error_markers(load_notebook_node(f"{_Held.SCHEME}{notebook}"))
    if parameters:
        made = parameterize_notebook(made, parameters, kernel_name="python3", language="python")
    with chdir(folder):
        run_cells(made)
    raise_for_execution_errors(made, None)
    return made


def run_cells(notebook: NotebookNode) -> None:
    """Run the cells of a notebook in the process's shell, each with its outputs, up to the first that fails."""
    shell = warm_shell()
    shell.reset(new_session=True)
    notebook.metadata["language_info"] = {"name": "python"}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    for cell in code:
        if cell.source.strip() and not _run(shell, cell):
            cell.metadata["papermill"] = {"exception": True}
            break


def _run(shell: _Shell, cell: NotebookNode) -> bool:
    shell.outputs = outputs = _Outputs()
    number = shell.execution_count
    with redirect_stdout(_Stream(outputs, "stdout")), redirect_stderr(_Stream(outputs, "stderr")):
        result = shell.run_cell(cell.source, store_history=True)
    cell.outputs = outputs.items
    exited = isinstance(result.error_in_exec, SystemExit)
    cell.execution_count = None if exited else number  # a cell that ends the program has not run to its end
    return result.success


def _committed_number(notebook: Path, index: int) -> int:
    """Number, counted from 1, of a cell in the committed notebook: papermill puts one of its own behind the parameters."""
    cells = nbformat.reads(content(notebook).decode(), as_version=4).cells
    parameters = next((i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])), len(cells))
    return index + 1 if index <= parameters else index


class _Held:
    """Gives papermill a notebook as this process has read it, however many pages are made from it."""

    SCHEME = "held:"

    @classmethod
    def read(cls, path: str) -> str:
        """Text of a notebook."""
        return content(Path(path.removeprefix(cls.SCHEME))).decode("utf-8")

    @staticmethod
    def pretty_path(path: str) -> str:
        """The path as it is told."""
        return path


class RunningInterpreter(AsyncKernelManager):
    """Starts kernels of the running interpreter, whatever kernels are or are not installed for the user."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="plananalysis", language="python", metadata={})


class _Outputs:
    """Collects what a cell puts out, in order, in notebook format."""

    def __init__(self) -> None:
        self.items: list[NotebookNode] = []

    def add(self, kind: str, **content: object) -> None:
        self.items.append(
            nbformat.from_dict({"output_type": kind, **content})
        )  # the whole is held against its schema once

    def stream(self, name: str, text: str) -> None:
        if self.items and self.items[-1].output_type == "stream" and self.items[-1].name == name:
            self.items[-1].text += text
        elif text:
            self.add("stream", name=name, text=text)


class _Stream:
    """A text stream that ends in the cell's outputs."""

    encoding, errors, closed = "utf-8", "replace", False

    def __init__(self, outputs: _Outputs, name: str) -> None:
        self.outputs, self.name = outputs, name

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


class _Publisher(DisplayPublisher):
    """Receives ``display(...)``."""

    shell: _Shell

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):  # type: ignore[no-untyped-def]
        self.shell.outputs.add("display_data", data=json_clean(encode_images(data)), metadata=metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.items.clear()


class _Hook(DisplayHook):
    """Receives the value of a cell's last line."""

    shell: _Shell

    def start_displayhook(self) -> None: ...

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict, md_dict=None):  # type: ignore[no-untyped-def]
        data = json_clean(encode_images(format_dict))
        self.shell.outputs.add("execute_result", data=data, metadata=md_dict or {}, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None: ...


class _Shell(InteractiveShell):
    """An IPython shell without terminal, history or start-up files."""

    outputs: _Outputs

    def _showtraceback(self, etype, evalue, stb):  # type: ignore[no-untyped-def]
        self.outputs.add("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))

    def enable_gui(self, gui: str | None = None) -> None: ...


def warm_shell() -> _Shell:
    """The process's shell; forked children start from it, each with its own copy."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.displayhook_class = _Hook
    config.InteractiveShell.display_pub_class = _Publisher
    if not _Shell.initialized():
        shell = _Shell.instance(config=config, displayhook_class=_Hook, display_pub_class=_Publisher)
        shell.outputs = _Outputs()
    return _Shell.instance()


papermill_io.register(_Held.SCHEME, _Held)
