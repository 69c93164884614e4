"""What setup.cfg cannot say: a wheel carries data/ and the learner's notebooks in the package.

They are vi_lab/_data and vi_lab/_notebooks there.
"""

from pathlib import Path
from shutil import copy, copytree

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithData(build_py):
    """As ever, and what is beside the code. An editable install reads it where it is."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "vi_lab", "_data")
            copytree("data", target, dirs_exist_ok=True)
            lessons = Path(self.build_lib, "vi_lab", "_notebooks")
            lessons.mkdir(exist_ok=True)
            for notebook in Path("notebooks").glob("*.ipynb"):
                copy(notebook, lessons)


setup(cmdclass={"build_py": BuildWithData})
