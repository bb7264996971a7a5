"""Copies what the package holds from the source tree: the module, the tables
that C owns, and the licence. All else is said in pyproject.toml."""

import runpy
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
# by its path: importing the package would need wasmtime to build it
FILES = runpy.run_path(str(HERE / "sonde_wasmtime/_files.py"))
NAMES, TREE = FILES["NAMES"], FILES["source_tree"]()
# no tree: an unpacked sdist, which has all


def copy_data(package: Path) -> None:
    if TREE is None:
        return
    (package / "data").mkdir(parents=True, exist_ok=True)
    for name, place in NAMES.items():
        if not (TREE / place).is_file():
            sys.exit(f"{place} is missing: make it first, with ./dev build")
        shutil.copyfile(TREE / place, package / "data" / name)


class BuildWithData(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            copy_data(Path(self.build_lib) / "sonde_wasmtime")


class SdistWithData(sdist):
    def make_release_tree(self, base_dir, files) -> None:
        super().make_release_tree(base_dir, files)
        copy_data(Path(base_dir) / "sonde_wasmtime")


if TREE is not None:
    shutil.copyfile(TREE / "LICENSE", HERE / "LICENSE")
setup(cmdclass={"build_py": BuildWithData, "sdist": SdistWithData})
