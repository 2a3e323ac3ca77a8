"""The Python face: what `calor` exports, one idea a file, no science.

Each function calls what the command of the same name calls, and takes the same words for its settings.
"""
