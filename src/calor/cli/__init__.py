"""The command line: one command a file, no science.

`main` names the commands and turns errors into messages and exit codes; `console` is what they share.
"""
