"""calor: in-silico clinical trials of immunomodulation in complex regional pain syndrome."""


def __getattr__(name: str) -> str:
    """Return the version when it is asked for: looking it up takes longer than the rest of the import."""
    if name == "__version__":
        from importlib.metadata import version

        return version("calor")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
