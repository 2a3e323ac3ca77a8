"""Protocols: read, checked against what a trial can do, written to start from."""
