"""Mathematics as data: expressions, their derivatives, and systems of differential equations.

Knows nothing of files, evaluation order or machines.
"""
