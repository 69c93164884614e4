"""What setup.cfg cannot say: a wheel carries the folder data/ in the package, as vi_lab/_data."""

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithData(build_py):
    """As ever, and the data beside the code. An editable install reads data/ where it is."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "vi_lab", "_data")
            copytree("data", target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithData})
