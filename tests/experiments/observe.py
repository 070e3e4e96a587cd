"""The child process of an experiment: loads one probe, runs it, and writes what it told. Started by run.py, without fwaudit.

python -I -B observe.py PROBE OUTPUT [FOLDER ...]
"""

from __future__ import annotations

import importlib.util
import json
import platform
import sys
from importlib import metadata


def main() -> None:
    probe, output, *folders = sys.argv[1:]
    # At the end: `frameworks/flask.py` is the probe, `import flask` in it the real package.
    sys.path.extend(folders)
    specification = importlib.util.spec_from_file_location("probe", probe)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["probe"] = module
    specification.loader.exec_module(module)
    told = {
        "observed": module.observe(),
        "python": platform.python_version(),
        "versions": {one.metadata["Name"]: one.version for one in metadata.distributions()},
    }
    with open(output, "w", encoding="utf-8") as file:
        json.dump(told, file)


if __name__ == "__main__":
    main()
