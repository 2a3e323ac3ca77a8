"""Dosing regimens as people write them, to dosing records and back. Knows no drug and no model."""
