"""The bank: eligible virtual people and their true course under everything that can be allocated."""
