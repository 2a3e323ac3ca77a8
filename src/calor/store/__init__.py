"""Runs on disk: manifests with seeds and hashes, results as Parquet. Knows no domain."""
