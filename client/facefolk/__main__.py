"""`python -m facefolk`: the command `facefolk`."""

from facefolk.cli import main

if __name__ == "__main__":
    main()
