"""The site: README.md, docs/ and the lessons as they are stored, as pages to read without Jupyter.

`make site` builds it into reports/site. It asks nothing of other machines when it is read: formulas are
MathML, and the lessons' badges are links without their pictures.
"""

import json
import re
import shutil
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

from affectkit import _notebooks

ROOT = Path(__file__).resolve().parents[1]
LESSONS = _notebooks.lessons(ROOT)
ADDRESS = _notebooks.repository_address(ROOT)

project, author, copyright = "affectkit", "The affectkit authors", "the affectkit authors"
extensions = ["myst_nb"]
root_doc = "README"
include_patterns = ["README.md", "data/README.md", "docs/**.md", "notebooks/[0-9]*.ipynb"]
exclude_patterns = [".*", "reports", "affectkit", "tests", "data/[!R]*"]  # not even looked into
myst_enable_extensions, myst_dmath_double_inline = ["dollarmath"], True
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a glossary's words are small headings
nb_execution_mode = "off"
nb_ipywidgets_js = {}
math_renderer, html_math_renderer = "mathml", "mathml"

html_theme = "sphinx_book_theme"
html_context = {"default_mode": "light"}  # figures are drawn on white
html_title = "affectkit"
html_theme_options = {
    "repository_url": ADDRESS, "use_repository_button": bool(ADDRESS),
    "navbar_persistent": [],  # one search field is enough
}  # fmt: skip
html_static_path, html_css_files = ["site.css"], ["site.css"]
html_show_sphinx = False
html_show_search_summary = False  # a page that is a file may not read other files

LOOK_UP = ["glossary", "ethics", "model_card", "data_card"]


def contents():
    """The navigation, for the end of the first page."""
    pages = {path.stem: f"docs/{path.stem}" for path in sorted((ROOT / "docs").glob("*.md"))}
    parts = {
        "Lessons": [f"{_notebooks.title(path).split(':')[0]} <notebooks/{path.stem}>" for path in LESSONS],
        "Look up": [*(pages.pop(name) for name in LOOK_UP if name in pages), "data/README"],
        "Measured": pages.values(),
        "Blank cards": ["docs/templates/model_card", "docs/templates/data_card"],
    }
    return "".join("\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", *names, "```", ""])
                   for caption, names in parts.items())  # fmt: skip


def with_alt_texts(source):
    """A stored notebook whose pictures have an alternative text where myst-nb looks for it."""
    notebook, heading = json.loads(source), ""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            heading = ([heading] + re.findall(r"^#+ (.+)$", "".join(cell["source"]), re.MULTILINE))[-1]
        texts = [about.get("alt") for output in cell.get("outputs", ())
                 for about in output.get("metadata", {}).values() if isinstance(about, dict)]
        alt = next(filter(None, texts), f"A figure of the section: {heading}")
        cell["metadata"]["mystnb"] = {"image": {"alt": alt}}
    return json.dumps(notebook)


def prepare(app, name, source):
    """What pages need that GitHub and Jupyter do not."""
    text = re.sub(r"!\[(Open in \w+)\]\([^)]*\)", r"\1", source[0])
    text = text.replace(f"{ADDRESS}/blob/main/", "../")  # the repository's own pages stand here too
    text = text.replace('"# NBVAL_CHECK_OUTPUT\\n",', "")  # a word to the tests
    text = text.replace("](exercises/", f"]({ADDRESS}/blob/main/notebooks/exercises/")  # to be run, not read
    if name == root_doc:
        folder = re.compile(r"\]\(([\w/]+)\)")  # GitHub shows folders, a site does not
        text = folder.sub(rf"]({ADDRESS}/tree/main/\1)", text) + contents()
    source[0] = with_alt_texts(text) if name.startswith("notebooks/") else text


def formula(self, node):
    """A formula as MathML, which browsers draw by themselves."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    self.body.append(convert(node.astext(), display=display))
    raise nodes.SkipNode


def finish(app, error):
    """People open index.html."""
    if not error:
        shutil.copy(Path(app.outdir) / "README.html", Path(app.outdir) / "index.html")


def setup(app):
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.connect("source-read", prepare)
    app.connect("build-finished", finish)
