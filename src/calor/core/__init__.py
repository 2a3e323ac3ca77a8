"""Foundations every layer may use: errors, documents, identifiers, random streams, progress, units.

This layer knows no mathematics of models and no medicine.
"""
