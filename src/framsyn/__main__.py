"""``python -m framsyn``: the command line, where its script is not on the path."""

from framsyn.cli import main

if __name__ == "__main__":
    main()
