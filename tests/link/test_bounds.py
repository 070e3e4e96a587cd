"""Bounds: large and circular sources link in time that grows with their size, without recursion errors, and say what stayed unknown."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fwaudit.link.inference.attributes import MOST_TARGETS
from fwaudit.link.inference.types import MOST_FRAMES, MOST_STEPS
from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.project import Project
from tests.support import audit_sources

SECONDS = 3.0
"""Of the processor, for extracting and linking; each takes under one, and a quadratic step would take minutes."""


def audited(files: Mapping[str, str]) -> tuple[Project, Audit]:
    """The audit of the files, in bounded time."""
    start = time.process_time()
    result = audit_sources(files)
    assert time.process_time() - start < SECONDS
    return result


def test_a_chain_of_three_thousand_functions_is_followed_to_its_end() -> None:
    """Every call of the chain is a step of the one finding's evidence."""
    links = "".join(f"def step{number}():\n    step{number + 1}()\n\n\n" for number in range(3000))
    _, audit = audited({"app.py": f"import time\n\n\n{links}def step3000():\n    time.sleep(1)\n\n\nasync def main():\n    step0()\n"})

    assert [finding.callee for finding in audit.findings] == ["time.sleep"]
    assert len(audit.findings[0].steps) == 3002
    assert audit.summary.unresolved_calls == {}


def test_a_chain_that_hands_its_argument_on_is_followed_to_its_end() -> None:
    """Each function of the chain has a frame for the session that it is given; so long a path is one grade less sure."""
    links = "".join(f"def step{number}(client):\n    step{number + 1}(client)\n\n\n" for number in range(3000))
    end = "def step3000(client):\n    client.get('u', timeout=5)\n\n\nasync def main():\n    step0(requests.Session())\n"
    _, audit = audited({"app.py": f"import requests\n\n\n{links}{end}"})

    assert [(finding.callee, finding.confidence) for finding in audit.findings] == [("requests.Session.get", Grade.LOW)]


def test_a_chain_of_results_is_followed_for_a_bounded_number_of_steps() -> None:
    """Beyond the bound the result is unknown, and counted as that; below, it is known."""

    def sources(length: int) -> dict[str, str]:
        links = "".join(f"def make{number}():\n    return make{number + 1}()\n\n\n" for number in range(length))
        end = f"def make{length}():\n    return requests.Session()\n\n\nasync def main():\n    make0().get('u', timeout=5)\n"
        return {"app.py": f"import requests\n\n\n{links}{end}"}

    _, short = audited(sources(MOST_STEPS // 4))
    _, long = audited(sources(3000))

    assert [finding.callee for finding in short.findings] == ["requests.Session.get"]
    assert short.summary.unresolved_calls == {}
    assert long.findings == ()
    assert long.summary.unresolved_calls["step-limit"] > 0


def test_two_thousand_subclasses_are_too_many_targets() -> None:
    """A call through their base is unresolved and counted; one on a subclass's own instance is not."""
    classes = "".join(f"class Part{number}(Part):\n    def load(self):\n        time.sleep({number})\n\n\n" for number in range(2000))
    made = ", ".join(f"Part{number}()" for number in range(2000))
    calls = "async def any_of(part: Part):\n    part.load()\n\n\nasync def this():\n    Part7().load()\n"
    base = "class Part:\n    def load(self):\n        raise NotImplementedError\n\n\n"
    _, audit = audited({"app.py": f"import time\n\n\n{base}{classes}PARTS = [{made}]\n\n\n{calls}"})

    assert [finding.function for finding in audit.findings] == ["app.this"]
    assert audit.summary.unresolved_calls["too-many-targets"] >= 1


def test_as_many_subclasses_as_a_call_may_have_targets_are_dispatched_to() -> None:
    """The negative twin: at the bound the call is resolved."""
    classes = "".join(
        f"class Part{number}(Part):\n    def load(self):\n        time.sleep({number})\n\n\n" for number in range(MOST_TARGETS)
    )
    made = ", ".join(f"Part{number}()" for number in range(MOST_TARGETS))
    base = "class Part:\n    def load(self):\n        raise NotImplementedError\n\n\n"
    _, audit = audited(
        {"app.py": f"import time\n\n\n{base}{classes}PARTS = [{made}]\n\n\nasync def any_of(part: Part):\n    part.load()\n"}
    )

    assert [finding.function for finding in audit.findings] == ["app.any_of"]
    assert audit.summary.unresolved_calls == {}


def test_a_function_called_with_five_hundred_types_has_few_frames() -> None:
    """The first types get a frame each; the others share the one that knows nothing, which counts too, and the call in it is unresolved."""
    classes = "".join(f"class Part{number}:\n    def load(self):\n        time.sleep({number})\n\n\n" for number in range(500))
    calls = "".join(f"async def use{number}():\n    run(Part{number}())\n\n\n" for number in range(500))
    _, audit = audited({"app.py": f"import time\n\n\n{classes}def run(part):\n    part.load()\n\n\n{calls}"})

    assert [finding.function for finding in audit.findings] == [f"app.use{number}" for number in range(MOST_FRAMES - 1)]
    assert audit.summary.unresolved_calls == {"unknown-receiver": 1}


def test_calls_that_no_loop_comes_to_are_not_counted() -> None:
    """The summary speaks of calls on the loop: what workers and threads call is no part of it."""
    flask = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef index(thing):\n    return thing.load()\n"
    _, audit = audited({"app.py": flask, "jobs.py": "async def main(thing):\n    thing.load()\n"})
    _, alone = audited({"app.py": flask})

    assert (audit.summary.unresolved_calls, alone.summary.unresolved_calls) == ({"unknown-receiver": 1}, {})


def test_five_hundred_functions_handed_to_one_that_calls_them() -> None:
    """Functions as arguments get more frames than objects, since decorators live on them, but not without end."""
    functions = "".join(f"def work{number}():\n    time.sleep({number})\n\n\n" for number in range(500))
    calls = "".join(f"async def use{number}():\n    run(work{number})\n\n\n" for number in range(500))
    _, audit = audited({"app.py": f"import time\n\n\n{functions}def run(work):\n    work()\n\n\n{calls}"})

    assert MOST_FRAMES < len(audit.findings) < 500
    assert audit.summary.unresolved_calls == {"unknown-callee": 1}


def test_attributes_that_are_made_of_each_other_end() -> None:
    """Two classes whose attributes call each other's methods resolve to nothing that is not there, and to what is."""
    source = """\
import time


class Left:
    def __init__(self, right):
        self.right = Right(self)
        self.made = self.right.give()

    def give(self):
        return self.right.made

    def load(self):
        self.right.load()


class Right:
    def __init__(self, left):
        self.left = Left(self)
        self.made = self.left.give()

    def give(self):
        return self.left.made

    def load(self):
        self.left.load()
        time.sleep(1)


async def main():
    Left(None).load()


async def nothing():
    Left(None).made.load()
"""
    _, audit = audited({"app.py": source})

    assert [(finding.function, finding.callee) for finding in audit.findings] == [("app.main", "time.sleep")]
    assert set(audit.summary.unresolved_calls) <= {"unknown-receiver"}


def test_two_hundred_modules_that_import_each_other_by_star_end() -> None:
    """A name is found through a circle of star imports; one that nobody defines is not."""
    count = 200
    files = {f"part{number}.py": f"from part{(number + 1) % count} import *\n" for number in range(count)}
    files["part20.py"] += "import time\n\n\ndef work():\n    time.sleep(1)\n"
    files["app.py"] = "from part0 import missing, work\n\n\nasync def main():\n    work()\n\n\nasync def other():\n    missing()\n"
    _, audit = audited(files)

    assert [finding.function for finding in audit.findings] == ["app.main"]
    assert audit.summary.unresolved_calls["unknown-callee"] == 1


def test_classes_that_inherit_in_a_circle_end() -> None:
    """A circle of bases is an error of the source, not of the audit: own methods are still found."""
    circle = {
        f"part{number}.py": f"from part{(number + 1) % 50} import Part as Base\n\n\nclass Part(Base):\n    pass\n" for number in range(50)
    }
    app = "import time\nfrom part0 import Part\n\n\nclass Own(Part):\n    def load(self):\n        time.sleep(1)\n\n\n"
    _, audit = audited({**circle, "app.py": f"{app}async def main():\n    Own().load()\n    Own().missing()\n"})

    assert [(finding.function, finding.callee) for finding in audit.findings] == [("app.main", "time.sleep")]
