"""`action.yml` and `templates/fwaudit.yml`: the scripts in them run, on a service with findings and on one without."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fwaudit.manifests.yaml import read_yaml

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates" / "fwaudit.yml"
BLOCKING = "import time\n\n\nasync def serve() -> None:\n    time.sleep(1)\n"


def step(name: str) -> tuple[str, list[str]]:
    """The script of a step of the action, and the variables that it is given."""
    text = ACTION.read_text()
    part = text[text.index(f"- name: {name}") :].partition("\n\n")[0]
    lines = part[part.index("run: |") :].splitlines()[1:]
    return "\n".join(line.removeprefix(" " * 8) for line in lines) + "\n", re.findall(r"^ {8}(FWAUDIT_\w+):", part, re.MULTILINE)


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a runner where fwaudit is installed."""
    programs = tmp_path / "fwaudit" / "bin"
    programs.mkdir(parents=True)
    program = programs / "fwaudit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m fwaudit "$@"\n')
    program.chmod(0o755)
    (tmp_path / "output").touch()
    return {
        **os.environ, "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"), "FWAUDIT_PATH": ".",
        "FWAUDIT_ARGUMENTS": "--no-cache", "FWAUDIT_DIFF": "", "FWAUDIT_BASELINE": "", "FWAUDIT_FAIL": "true",
        "FWAUDIT_ANNOTATIONS": "true",
    }  # fmt: skip


def audit(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A run of the action's audit in `folder`, by the shell that GitHub uses."""
    script, variables = step("Audit")
    assert set(variables) == {name for name in environment if name.startswith("FWAUDIT_")}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("text", "changes", "code", "found"),
    [
        (BLOCKING, {}, 1, 1),
        (BLOCKING, {"FWAUDIT_FAIL": "false"}, 0, 1),
        (BLOCKING, {"FWAUDIT_ARGUMENTS": "--no-cache --min-severity high --select cpu-work-on-loop"}, 0, 0),
        (BLOCKING, {"FWAUDIT_ARGUMENTS": "--no-cache\n--min-severity high\n  --select cpu-work-on-loop\n"}, 0, 0),
        (BLOCKING, {"FWAUDIT_ARGUMENTS": ""}, 1, 1),
        (BLOCKING, {"FWAUDIT_DIFF": "--output=stolen"}, 2, None),
        (BLOCKING, {"FWAUDIT_BASELINE": "nowhere.jsonl"}, 2, None),
        (BLOCKING, {"FWAUDIT_PATH": "$(touch run)"}, 2, None),
        ("x = 1\n", {}, 0, 0),
    ],
)
def test_the_action_audits(
    tmp_path: Path, runner: dict[str, str], *, text: str, changes: dict[str, str], code: int, found: int | None
) -> None:
    """SARIF, annotations, exit code and outputs; what stands in an input is never run."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(text)

    done = audit(folder, runner | changes)

    assert done.returncode == code, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["app.py"]
    outputs = written_outputs(runner)
    assert outputs["exit-code"] == str(code or (1 if found else 0))
    assert ("::error " in done.stdout) == bool(found)
    if found is not None:
        assert len(json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]) == found
        assert Path(outputs["html"]).read_text().startswith("<!doctype html>")
    else:
        assert not {"sarif", "html"} & {*outputs}


def written_outputs(environment: dict[str, str]) -> dict[str, str]:
    """What the step has told the steps after it."""
    return dict(line.split("=", 1) for line in Path(environment["GITHUB_OUTPUT"]).read_text().splitlines())


def steps_that_run(inputs: dict[str, str], outputs: dict[str, str]) -> set[str]:
    """The names of the steps with a condition that holds. Only what is known of the runner is understood: another term is a KeyError.

    `hashFiles` is none of it: it sees the workspace alone, and the reports lie elsewhere.
    """
    known = {"!cancelled()": True}
    known |= {f"inputs.{name} == 'true'": value == "true" for name, value in inputs.items()}
    known |= {f"steps.audit.outputs.{name} != ''": bool(outputs.get(name)) for name in ("sarif", "html", "exit-code")}
    (action,) = read_yaml(ACTION.read_text())
    steps = action.get("runs", "steps")
    assert steps is not None
    conditions = {step["name"].text: step["if"].text for step in (one.entries for one in steps.items) if "if" in step}
    terms = {name: text.removeprefix("${{ ").removesuffix(" }}").split(" && ") for name, text in conditions.items()}
    return {name for name, all_of in terms.items() if {known[term] for term in all_of} == {True}}


UPLOAD = {"Leave silenced findings out", "Upload to code scanning"}
REPORT = {"Keep the HTML report"}


@pytest.mark.parametrize(
    ("inputs", "changes", "run"),
    [
        ({"upload-sarif": "true", "html": "true"}, {}, UPLOAD | REPORT),
        ({"upload-sarif": "true", "html": "false"}, {}, UPLOAD),
        ({"upload-sarif": "false", "html": "true"}, {}, REPORT),
        ({"upload-sarif": "true", "html": "true"}, {"FWAUDIT_PATH": "nowhere"}, set()),
    ],
)
def test_reports_are_kept_and_uploaded_where_they_are_asked_for_and_written(
    tmp_path: Path, runner: dict[str, str], inputs: dict[str, str], changes: dict[str, str], run: set[str]
) -> None:
    """The steps behind the audit, by their conditions and what it told; not with the reports of an audit before that one."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(BLOCKING)
    (tmp_path / "fwaudit.sarif").write_text("{}")
    (tmp_path / "fwaudit.html").write_text("<p>")

    audit(folder, runner | changes)

    assert steps_that_run(inputs, written_outputs(runner)) == run


def test_silenced_findings_are_not_uploaded(tmp_path: Path, runner: dict[str, str]) -> None:
    """Code scanning would show them as open; the others stay."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(BLOCKING + "    time.sleep(2)  # fwaudit: ignore[blocking-call-on-loop] on purpose\n")
    audit(folder, runner)
    sarif = tmp_path / "fwaudit.sarif"
    assert len(json.loads(sarif.read_text())["runs"][0]["results"]) == 2

    script, variables = step("Leave silenced findings out")
    assert variables == ["FWAUDIT_SARIF"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-e", "-c", script], env={**os.environ, "PATH": path, "FWAUDIT_SARIF": str(sarif)}, check=True, timeout=60)

    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


def test_scripts_take_inputs_as_variables_only() -> None:
    """No expression of GitHub or GitLab stands in a script: an input could end the command and start another."""
    for name in ("Audit", "Install fwaudit", "Leave silenced findings out"):
        assert "${{" not in step(name)[0]
    script = TEMPLATE.read_text()
    assert "$[[" not in script[script.index("before_script:") :]


def test_recipes_load_no_module_of_the_audited_folder() -> None:
    """Python puts the current folder first for `-m` and `-`, which is the checkout there: `-P` stands before both."""
    for path in (ACTION, TEMPLATE):
        started = re.findall(r"""python(?:["'])? ((?:-\w )*)-(?:m |\s|$)""", path.read_text(), re.MULTILINE)
        assert started, path
        assert set(started) == {"-P "}, path


def test_every_input_of_the_action_is_described_and_used() -> None:
    """The inputs have descriptions, and the steps use each of them."""
    text = ACTION.read_text()
    inputs = text[text.index("inputs:") : text.index("outputs:")]
    names = re.findall(r"^  ([a-z-]+):$", inputs, re.MULTILINE)

    assert len(names) == inputs.count("description:") == inputs.count("default:")
    for name in names:
        assert f"inputs.{name} " in text, name


def test_what_the_template_installs_is_said_by_its_user() -> None:
    """No default names a package: fwaudit is on no index, and whoever takes that name there would run in the job. Other inputs have one."""
    inputs = read_yaml(TEMPLATE.read_text())[0].get("spec", "inputs")
    assert inputs is not None

    assert [name for name, one in inputs.entries.items() if "default" not in one.entries] == ["package"]


def test_the_template_of_gitlab_audits(tmp_path: Path) -> None:
    """Its script writes the code quality report and SARIF, and exits with fwaudit's code."""
    (tmp_path / "app.py").write_text(BLOCKING)
    text = TEMPLATE.read_text()
    script = text[text.index("  script:") : text.index("  artifacts:")]
    lines = [line.removeprefix("    - ").removeprefix("      ") for line in script.splitlines()[1:] if not line.strip().startswith("#")]
    body = "\n".join(lines).replace(">-\n", "").replace('"$@"\n', '"$@" ').replace("fwaudit.html\n--", "fwaudit.html --")
    body = body.replace('"$environment/bin/fwaudit"', f"{sys.executable} -P -m fwaudit")
    environment = {**os.environ, "FWAUDIT_PATH": ".", "FWAUDIT_ARGUMENTS": "--no-cache --min-confidence high"}
    environment.pop("CI_MERGE_REQUEST_DIFF_BASE_SHA", None)

    done = subprocess.run(["sh", "-e", "-c", body], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1, done.stderr
    assert "blocks the event loop" in done.stdout
    assert len(json.loads((tmp_path / "gl-code-quality-report.json").read_text())) == 1
    assert json.loads((tmp_path / "fwaudit.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "fwaudit.html").read_text().startswith("<!doctype html>")
