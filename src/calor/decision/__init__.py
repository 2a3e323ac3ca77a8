"""The value of information: which study would teach most."""
