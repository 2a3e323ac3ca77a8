"""calor's model, priors and dosing as a PEtab problem, with a list of what such a problem cannot hold."""
