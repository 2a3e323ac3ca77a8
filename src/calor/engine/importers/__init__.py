"""Models from files: SBML (through libSBML) and Antimony into a `System`. Files are data, never code."""
