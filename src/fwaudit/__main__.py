"""`python -m fwaudit` is the command `fwaudit`."""

from __future__ import annotations

from fwaudit.cli import main

if __name__ == "__main__":
    main()
