"""`python -m facefolk_server` is `facefolk-server`."""

from facefolk_server.cli import main

if __name__ == "__main__":
    main()
