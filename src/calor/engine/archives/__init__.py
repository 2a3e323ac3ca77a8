"""COMBINE archives (OMEX) with simulation experiments (SED-ML): read as data, run, and written."""
