"""calor in a real browser: what tests and screenshots share."""
