"""Measures the imports that `cold-start-heavy-serverless` calls heavy, each in a process of its own.

python -m venv heavy && heavy/bin/pip install -e . pytest pytest-xdist matplotlib nltk openai pandas scipy scikit-learn sympy numpy flask
heavy/bin/pytest tests/experiments/test_import_times.py
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from fwaudit.catalog.load import load_catalog

NOT_MEASURED = frozenset({"keras", "sentence_transformers", "tensorflow", "torch"})
"""Of packages of some gigabytes, which are not installed for this: their seconds are as their own users report them."""
SECONDS = load_catalog().rules["cold-start-heavy-serverless"].data.import_seconds
LIGHT = ("flask", "json", "numpy")
"""Imports that the rule does not speak of."""
IMPORTED = {"sklearn": "sklearn.ensemble"}
"""What is imported of a package whose parts are heavier than itself."""
ROUNDS = 3


def seconds(module: str) -> float:
    """Processor time of the fastest of some imports."""
    code = f"import time; start = time.process_time(); import {module}; print(time.process_time() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(ROUNDS)]
    return min(map(float, runs))


@pytest.mark.parametrize("module", sorted(SECONDS.keys() - NOT_MEASURED))
def test_a_heavy_import_takes_as_long_as_the_rule_says(module: str) -> None:
    """At least half of it on a fast machine, and no more than some times as long on a slow one."""
    assert importlib.util.find_spec(module.partition(".")[0]) is not None, f"{module} is not installed"
    assert SECONDS[module] / 2 <= seconds(IMPORTED.get(module, module)) <= SECONDS[module] * 6


@pytest.mark.parametrize("module", LIGHT)
def test_other_imports_are_light(module: str) -> None:
    """They alone are no reason for a finding."""
    assert module not in SECONDS
    assert seconds(module) < 0.3
