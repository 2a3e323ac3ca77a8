"""The web app: a face, no science."""
