"""Who may ask what: names of this machine, tokens, forged requests, sizes, and what a browser may load."""
