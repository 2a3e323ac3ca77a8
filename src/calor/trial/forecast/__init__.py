"""Forecasts of published and registered trials: registered scales, scores, dated files that do not change.

scales (a data file, written before any forecast) -> samples of trial results, with and without the effect,
under each rival -> scores -> one dated file, which is read and never written over.
"""
