"""The studies that are compared: trials, cohorts, comparisons of assays, natural histories."""
