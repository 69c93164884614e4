"""Run a notebook and keep what it shows, without anything of the machine or the moment."""

from __future__ import annotations

import base64
import io
import re
import tempfile
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

from tools.notebooks.versions import METADATA

PICTURE = re.compile(r"(?<=src=\"data:image/png;base64,)[A-Za-z0-9+/=\s]+(?=\")")
COLOURS = 256


def execute(notebook: Any, **kernel: Any) -> Any:
    """The notebook run in a fresh kernel, in a folder of its own; keywords go to the kernel."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=300,
            startup_timeout=300,  # a busy machine starts a kernel late
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        )
        client.execute(**kernel)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [small(output) for output in merged(cell.outputs)]
    return notebook


def merged(outputs: list[Any]) -> list[Any]:
    """What was printed in several goes, as one text: where a flush falls is a matter of chance."""
    kept: list[Any] = []
    for output in outputs:
        stream = output.output_type == "stream"
        if stream and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def small(output: Any) -> Any:
    """The output with bare metadata and its pictures in 256 colours."""
    if "metadata" in output:
        output.metadata = nbformat.from_dict({})
    html = output.get("data", {}).get("text/html")
    if html:
        output.data["text/html"] = PICTURE.sub(lambda found: few_colours(found[0]), html)
    return output


def few_colours(encoded: str, count: int = COLOURS) -> str:
    """A PNG (base64) with its most frequent colours; the flat ones stay what they are."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    colours: Any = image.getcolors(image.width * image.height)  # (how often, (r, g, b))
    palette = Image.new("P", (1, 1))
    flat = [level for _, colour in sorted(colours, reverse=True)[:count] for level in colour]
    palette.putpalette(flat + flat[-3:] * (COLOURS - len(flat) // 3))
    out = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()
