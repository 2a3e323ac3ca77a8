"""A run of a trial from its protocol to its document, as named stages."""
