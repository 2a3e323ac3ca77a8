"""Drugs as data, and their composition with the disease into one model per arm. Knows no patient."""
