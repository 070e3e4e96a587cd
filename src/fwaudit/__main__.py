"""`python -m fwaudit` is the command `fwaudit`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # `python -m` searches the current folder first: modules of the audited tree would be imported in place of ours.
        del sys.path[0]

    from fwaudit.cli import main

    main()
