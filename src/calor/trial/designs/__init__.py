"""Designs, one a file: how a trial is enrolled, looked at and decided. Each conducts replicates."""
