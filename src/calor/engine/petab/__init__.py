"""PEtab problems (a model, its data and how likely they are): read, simulated and weighed."""
