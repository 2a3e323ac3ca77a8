"""How a written report looks: one quiet style for screen and paper, its colours by name."""

from __future__ import annotations

PAPER, INK, FAINT, LINE = "#ffffff", "#1f2933", "#52606d", "#c3cad1"
ACCENT, ACCENT_PAPER = "#0b5a7d", "#eef5f8"
WARNING, WARNING_PAPER = "#7a3e00", "#fdf4e7"

TEXT_PAIRS = (
    (INK, PAPER), (FAINT, PAPER), (ACCENT, PAPER), (INK, ACCENT_PAPER), (WARNING, WARNING_PAPER),
    (INK, WARNING_PAPER),
)  # fmt: skip
"""Every colour of text with the colour that it stands on; a test computes their contrast."""

STYLE = f"""
:root {{ color-scheme: light; }}
body {{ font: 11pt/1.5 "DejaVu Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: {INK};
  background: {PAPER}; max-width: 46em; margin: 2em auto; padding: 0 1.2em; overflow-wrap: break-word; }}
h1 {{ font-size: 1.6em; line-height: 1.25; margin: 0 0 .3em; }}
h2 {{ font-size: 1.25em; margin: 2em 0 .6em; padding-top: .4em; border-top: 1px solid {LINE}; }}
h3 {{ font-size: 1.05em; margin: 1.4em 0 .4em; }}
p, ul, ol, table, figure {{ margin: .6em 0; }}
a {{ color: {ACCENT}; }}
.about, .note, figcaption, caption, footer {{ color: {FAINT}; font-size: .9em; }}
.answer {{ background: {ACCENT_PAPER}; border-left: 4px solid {ACCENT}; padding: .5em .9em; margin: 0; }}
.warning {{ background: {WARNING_PAPER}; color: {WARNING}; border-left: 4px solid {WARNING};
  padding: .4em .9em; }}
nav ol {{ columns: 2; padding-left: 1.4em; list-style: none; padding: 0; }}
table {{ border-collapse: collapse; width: 100%; font-size: .85em; line-height: 1.35; }}
caption {{ text-align: left; padding: .3em 0; }}
th, td {{ border-bottom: 1px solid {LINE}; padding: .3em .5em; text-align: left; vertical-align: top; }}
tbody th {{ font-weight: normal; }}
thead th, thead td {{ border-bottom: 2px solid {FAINT}; }}
td[style] {{ font-variant-numeric: tabular-nums; }}
figure img {{ display: block; max-width: 100%; height: auto; }}
details {{ font-size: .9em; }}
summary {{ cursor: pointer; color: {ACCENT}; }}
@page {{ size: A4; margin: 2cm 2cm 2.2cm; }}
@media print {{
  body {{ font-size: 9.5pt; line-height: 1.4; max-width: none; margin: 0; padding: 0; }}
  h2, h3 {{ break-after: avoid; }}
  figure, tr, .short {{ break-inside: avoid; }}
  caption {{ break-after: avoid; }}
  figcaption, figure + .note {{ break-before: avoid; }}
  nav ol {{ columns: 1; }}
  nav a {{ color: {INK}; text-decoration: none; }}
}}
"""

STYLE_ON_PAPER = f"""
@page {{
  @bottom-left {{ content: string(title); font: 8pt "DejaVu Sans", sans-serif; color: {FAINT}; }}
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 8pt "DejaVu Sans", sans-serif;
    color: {FAINT}; }} }}
h1 {{ string-set: title content(); }}
nav a::after {{ content: leader(".") target-counter(attr(href), page); }}
"""
"""What only a PDF has: the title and page numbers in the margins, page numbers in the contents."""
