"""calor: in-silico clinical trials of immunomodulation in complex regional pain syndrome."""

from importlib.metadata import version

__version__ = version("calor")
