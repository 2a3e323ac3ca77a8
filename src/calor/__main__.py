"""`python -m calor`: the command line."""

from calor.cli.main import run

if __name__ == "__main__":
    run()
