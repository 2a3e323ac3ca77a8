"""Charts that answer while one types: SVG written directly, in milliseconds, coloured by the style sheet.

The figures of the report are drawn by Matplotlib in a third of a second each; `drawings.py` shows those.
"""
