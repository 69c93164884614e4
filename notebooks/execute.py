"""Run the lessons from top to bottom and keep what they show.

    python notebooks/execute.py [part of a lesson's name …]

What is kept has no timings, no versions and no paths, so that a lesson changes only when what it
shows has changed.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def lessons():
    """The notebooks, in their order."""
    return [FOLDER / "02_one_log_joint.ipynb"]


def execute(lesson, **kernel):
    """The lesson run in a fresh kernel; keywords (env=…) go to the kernel."""
    notebook = nbformat.read(lesson, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute(**kernel)
    return stripped(notebook)


def stripped(notebook):
    """The notebook without anything that depends on the machine or the moment."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            cell.outputs = merged(cell.outputs)
            for output in cell.outputs:
                if "metadata" in output:
                    output.metadata = nbformat.from_dict({})
    return notebook


def merged(outputs):
    """What was printed in several goes, as one text: where a flush falls is a matter of chance."""
    kept = []
    for output in outputs:
        stream = output.output_type == "stream"
        if stream and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def main(names):
    for lesson in lessons():
        if not names or any(name in lesson.name for name in names):
            nbformat.write(execute(lesson), lesson)
            print(lesson.name)


if __name__ == "__main__":
    main(sys.argv[1:])
