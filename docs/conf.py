"""How the documentation is built: Markdown through MyST, the Furo theme."""

from __future__ import annotations

import calor

project = "calor"
author = "The calor developers"
release = version = calor.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"calor {release}"
