"""`python -P -m fwaudit` is the command `fwaudit`.

Without `-P` Python looks for modules in the current folder first, and has taken some from there (`warnings`) before any line of ours
runs. What is done about that here is for whoever forgets the option, and not enough where the folder is not trusted.
"""

import sys  # built in; a module with a file, `__future__` among them, could come from the audited folder

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]

    from fwaudit.cli import main

    main()
