"""Figures and tables of results, each with its data. Computes nothing."""
