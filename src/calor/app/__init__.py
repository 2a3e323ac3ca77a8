"""calor in the browser: pages written by the server, and a REST API. It holds no science.

guard/ (who may ask what) -> pages/ (what people read) | v1/ (what programs read) -> api and report.
"""
