"""Names the scripts at the top of src/, which setuptools cannot find by itself; the rest stands in pyproject.toml."""

from pathlib import Path

from setuptools import setup

setup(py_modules=sorted(path.stem for path in Path("src").glob("*.py")))
