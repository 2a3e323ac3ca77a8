"""The REST API, version 1: documents as the command line's `--json` prints them, one subject a file."""
