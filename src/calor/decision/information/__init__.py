"""The value of information in numbers: what a study would teach, which knows no trials, drugs or people."""
