"""Backends: each turns a program into a kernel, and all are held to one suite (tests/contracts)."""
