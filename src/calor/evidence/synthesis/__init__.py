"""Synthesis of effects across studies: meta-analysis, its sensitivity, small-study tests, a Bayesian version.

Works on numbers and labels; knows no study record and no model.
"""
