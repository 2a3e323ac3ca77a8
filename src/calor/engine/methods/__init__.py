"""Numerical methods as data: each cites its paper and checks itself when it is made; none knows a model."""
