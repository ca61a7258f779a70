"""`python -m studio` is `convene`."""

from studio.cli import main

if __name__ == "__main__":
    main()
