"""``python -m plananalysis``: the same program, where its folder is not on the path."""

from plananalysis.cli import main

if __name__ == "__main__":
    main()
