"""How pip builds the project: it runs from its checkout, so an editable install is made and everything else refused.

The scripts, their settings, templates and pages lie in the checkout and are edited there. A wheel would put `calls`,
`settings` and other plain names among the packages of other projects, without the scripts.
"""

import sys
from typing import Any, NoReturn

from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
]


def refused(*_: Any, **__: Any) -> NoReturn:
    """Ends the build with the sentence that says how to install."""
    sys.exit("This project runs from its checkout: use `pip install -e .` (editable), or `make setup`.")


get_requires_for_build_wheel = refused
get_requires_for_build_sdist = refused
build_wheel = refused
build_sdist = refused
