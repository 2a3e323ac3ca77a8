"""How the documentation is built: Markdown through MyST, the Furo theme.

Pages that say what stands elsewhere are made here, so that they cannot fall behind: the help of every
command, and the notebooks with their outputs.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

import calor  # noqa: E402
from scripts.documentation.help_pages import write_help_page  # noqa: E402
from scripts.documentation.notebook_pages import write_page  # noqa: E402
from scripts.documentation.notebooks import notebooks, read_notebook  # noqa: E402

write_help_page(DOCS / "reference" / "commands.md")
for path in notebooks():
    write_page(read_notebook(path), path.with_suffix(".md"))

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
