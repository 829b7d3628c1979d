"""The compiled modules; everything else stands in pyproject.toml."""

import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# Listed, not globbed: a module that an sdist lost has to break the build, not to vanish from the wheel.
MODULES = ["_link", "_matching", "_normalize", "_tables"]
HEADERS = sorted(str(path) for path in Path("csrc/enishi").glob("*.hpp"))

if sys.platform == "win32":
    COMPILE_ARGS, LINK_ARGS = ["/O2", "/std:c++17", "/utf-8"], []
else:
    # -ffp-contract=off: scores come out equal on every machine.
    COMPILE_ARGS = ["-O3", "-std=c++17", "-fvisibility=hidden", "-ffp-contract=off", "-pthread"]
    LINK_ARGS = ["-pthread"]

extensions = [
    Extension(
        f"enishi.{module}",
        [f"src/enishi/{module}.pyx"],
        include_dirs=["csrc"],
        depends=HEADERS,
        language="c++",
        extra_compile_args=COMPILE_ARGS,
        extra_link_args=LINK_ARGS,
    )
    for module in MODULES
]

setup(ext_modules=cythonize(extensions, language_level=3))
