"""Programs: a system as flat straight-line operations. The only place that knows the order of evaluation.

Knows nothing of step sizes, machines or text formats.
"""
