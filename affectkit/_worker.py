"""Runs one lesson in a process of its own: ``python -m affectkit._worker`` reads a job from standard input.

A process for each lesson gives it its own environment, working folder and peak memory, and keeps the heavy
notebook libraries out of `affectkit.run`, which starts in an instant when nothing has changed.
"""

import _thread
import base64
import contextlib
import datetime
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from papermill import execute_notebook
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from affectkit import _notebooks

LEAST_SECONDS = 1.0  # a lesson that takes less than this did not do its work


class TellingEngine(NBClientEngine):
    """papermill's engine, telling `affectkit.run` through standard output how many cells are done."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        complete, total = nb_man.cell_complete, len(nb_man.nb.cells)

        def tell(cell, cell_index=None, **details):
            complete(cell, cell_index=cell_index, **details)
            with contextlib.suppress(BrokenPipeError):  # nobody listens any more: see stop_when_left_alone
                print(f"cells {cell_index + 1}/{total}", flush=True)

        nb_man.cell_complete = tell
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


def stop_when_left_alone():
    """End as by Ctrl-C, and the kernel too, once `affectkit.run` is gone, which holds our standard input."""
    while os.read(0, 1):
        pass
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGINT)  # interrupts what the main thread waits for, too
    else:
        _thread.interrupt_main()


def main():
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=stop_when_left_alone, daemon=True).start()
    path, reports = Path(job["notebook"]), Path(job["reports"])
    papermill_engines.register("telling", TellingEngine)
    with tempfile.TemporaryDirectory(dir=reports, prefix=".run-") as scratch:
        executed, recorded = Path(scratch, "notebook.ipynb"), Path(scratch, "records.jsonl")
        os.environ["AFFECTKIT_RECORD"] = str(recorded)
        notebook, error = _execute(path, Path(job["root"]), job["parameters"], executed)
        lines = recorded.read_text(encoding="utf-8").splitlines() if recorded.exists() else []
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    seconds = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in cells)
    if error is None and (seconds < LEAST_SECONDS or not any(cell.execution_count for cell in cells)):
        error = f"ran in no time ({seconds:.2f} s in {len(cells)} code cells): it did not do its work"

    slot = job["slot"]
    picture = _picture(notebook)
    _notebooks.write_atomically(reports / f"{slot}.ipynb", nbformat.writes(notebook))
    try:
        _notebooks.write_atomically(reports / f"{slot}.html", _html(notebook, _notebooks.title(path)))
    except Exception as failure:  # what was computed must not be lost for a page that shows it
        (reports / f"{slot}.html").unlink(missing_ok=True)
        error = error or f"its page could not be made ({type(failure).__name__}: {failure}); see {slot}.ipynb"
    if picture:
        _notebooks.write_atomically(reports / "state" / f"{slot}.png", picture)
    else:
        (reports / "state" / f"{slot}.png").unlink(missing_ok=True)
    state = {**{key: job[key] for key in ("slot", "parameters", "fingerprint", "started")},
             "notebook": path.stem, "title": _notebooks.title(path), "status": "failed" if error else "ok",
             "error": error, "records": [json.loads(line) for line in lines],
             "seconds": round(seconds, 1), "peak_rss_mb": _peak_memory(),
             "capped": bool(os.environ.get("AFFECTKIT_CAP")),
             "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    # The state comes last: what it promises is there.
    _notebooks.write_atomically(reports / "state" / f"{slot}.json", json.dumps(state, indent=1))


def _execute(path, root, parameters, executed):
    """Run a lesson where JupyterLab would run it; return the notebook, half-run if need be, and its error."""
    notebook = _notebooks.render(path, root, badges=False)
    try:
        execute_notebook(notebook, executed, parameters=parameters, engine_name="telling", progress_bar=False,
                         cwd=path.parent, kernel_name="python3")
        error = None
    except PapermillExecutionError as failure:
        message = str(failure.evalue).strip().split("\n")[0]
        error = f"{failure.ename}: {message} (cell In [{failure.exec_count}])"
    except Exception as failure:  # the kernel died or never came up
        error = f"{type(failure).__name__}: {str(failure).strip()}"
    return (nbformat.read(executed, as_version=4) if executed.exists() else notebook), error


def _peak_memory():
    """The peak resident memory [MB] of the largest process of the kernel that ended; None if unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def _picture(notebook):
    """The lesson's picture as PNG bytes: that of the cell tagged ``hero``, else the first, else None."""
    found = [("hero" not in cell.metadata.get("tags", []), output.data["image/png"])
             for cell in notebook.cells for output in cell.get("outputs", ())
             if "image/png" in output.get("data", {})]
    return base64.b64decode(min(found, key=lambda item: item[0])[1]) if found else None


def _html(notebook, title):
    """One page that holds all it shows; only for formulas it loads MathJax from the network."""
    exporter = HTMLExporter(embed_images=True)
    exporter.require_js_url = "data:,"
    if not any("$" in cell.source for cell in notebook.cells if cell.cell_type == "markdown"):
        exporter.mathjax_url = "data:,"
    notebook.metadata.pop("widgets", None)  # sliders without a kernel would only load their code from afar
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _notebooks.drop_view(output)]
    return exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})[0]


if __name__ == "__main__":
    main()
