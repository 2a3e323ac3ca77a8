"""Dosing records (NONMEM's) expanded once per patient into calendars; knows states by name and no drug."""
