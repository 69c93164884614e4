"""What the tests of the lessons share: the committed notebooks, a strict kernel, what is shown."""

import ast
import itertools
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import nbformat

from tools.notebooks.expected import SUFFIX
from tools.notebooks.versions import FOLDER, SOLUTIONS, lessons

SOURCES = {path.stem: path for path in lessons()}
STARRED = {name: path for name, path in SOURCES.items() if name[:2].isdigit()}  # not the lecture

# Run by IPython before the first cell: nothing but this machine can be reached, and a warning is an
# error. The kernel's own channels are not Python sockets.
STRICT = """
import socket
import warnings

HERE = ("127.0.0.1", "::1", "localhost")


def refuse(name):
    original = getattr(socket.socket, name)

    def checked(self, address, *rest):
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in HERE:
            raise OSError(f"no network in a lesson: {address}")
        return original(self, address, *rest)

    setattr(socket.socket, name, checked)


def look_up(host, *rest, **more):
    if host not in (*HERE, None):
        raise OSError(f"no network in a lesson: {host}")
    return original(host, *rest, **more)


original = socket.getaddrinfo
socket.getaddrinfo = look_up
refuse("connect")
refuse("connect_ex")
warnings.simplefilter("error")
warnings.filterwarnings("default", module="ipykernel")  # its own affairs, when it shuts down
"""

NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", re.I)
CODE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|<pre>.*?</pre>", re.S)
PICTURE = re.compile(r'src="data:image/png;base64,([^"]*)"')


@cache
def worked(name):
    """The committed worked notebook of a lesson."""
    return nbformat.read(SOLUTIONS / f"{name}.ipynb", as_version=4)


@cache
def learners(name):
    """The committed notebook of the learner, without the pictures that stand under stubs."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not cell.id.endswith(SUFFIX)]
    return notebook


@cache
def sketches(name):
    """The pictures under the stubs, by the name of the cell that each stands under."""
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    return {
        above.id: cell
        for above, cell in itertools.pairwise(cells)
        if cell.id == f"{above.id}{SUFFIX}"
    }


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


class Alternatives(HTMLParser):
    """The alt text of every image (None where one has none)."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes).get("alt"))


def html_of(cell):
    """All HTML that a cell shows."""
    return "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))


def texts(cell):
    """What a cell shows, as text: streams, plain text, and HTML without the bytes of pictures."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        for kind, content in sorted(output.get("data", {}).items()):
            if kind == "text/html":
                yield unescape(PICTURE.sub("", content))
            elif kind.startswith("text/"):
                yield content


def numbers(text):
    return [float(n.replace(",", "").replace("−", "-")) for n in NUMBER.findall(text)]


def words(text):
    """Everything but the numbers; how far they are indented is a matter of their signs."""
    return NUMBER.sub("#", text).split()


def code_lines(source):
    """How many lines of code a cell has: no comments, no blank lines, no docstrings."""
    tree = ast.parse(source)
    free = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            free |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for i, t in lines if i not in free and t.strip() and not t.strip().startswith("#"))


def functions(source):
    """The functions and classes a cell defines, by name."""
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: node for node in ast.parse(source).body if isinstance(node, kinds)}


def root():
    """The folder of the repository."""
    return Path(__file__).resolve().parents[2]
