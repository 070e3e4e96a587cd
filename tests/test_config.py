"""The settings: where they are found, and what a wrong one says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from fwaudit.catalog.schema import RuleData
from fwaudit.config import CATEGORIES, FILE_LIMIT, Category, Config, check_services, choose_rules, load_config
from fwaudit.errors import ConfigError, UsageError
from fwaudit.model.context import Grade

RULES = {"blocking-call-on-loop": "event-loop", "cpu-work-on-loop": "event-loop", "unused-suppression": "meta"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with no settings in it, and an empty fwaudit.toml above so that none of the machine's are found."""
    (tmp_path / "fwaudit.toml").write_text("")
    below = tmp_path / "below"
    below.mkdir()
    return below


def load(folder: Path, text: str) -> Config:
    """Give the settings in `folder` after `text` is written there."""
    (folder / "fwaudit.toml").write_text(text)
    return load_config(folder)


def test_defaults_are_the_contracts(folder: Path) -> None:
    """Without any setting, the values are those that docs/contract.md states."""
    config = load_config(folder)

    assert (config.min_severity, config.min_confidence, config.fail_on, config.fail_confidence) == ("low", "medium", "high", "high")
    assert (config.fail_categories, config.max_file_size, config.file_deadline) == (("event-loop", "driver"), 1_000_000, 10)


def test_every_setting_is_read(folder: Path) -> None:
    """Each key of the contract is accepted with a value of its kind."""
    (folder / "tables").mkdir()

    config = load(
        folder,
        """
        select = ["event-loop"]
        ignore = ["cpu-work-on-loop"]
        min-severity = "medium"
        min-confidence = "low"
        fail-on = "never"
        fail-confidence = "medium"
        fail-categories = ["driver"]
        exclude = ["old/"]
        extend-exclude = ["older/"]
        include-tests = true
        baseline = "accepted.json"
        rules = ["tables"]
        max-file-size = 5
        file-deadline = 2
        require-suppression-reason = true
        parity = true
        blocking = ["app.database.*"]
        offloaders = ["app.pool.run_blocking"]
        per-path-ignores = { "scripts/" = ["event-loop"] }
        [[service]]
        root = "src/app"
        framework = "fastapi"
        [answers]
        team = 3
        admin-used = false
        """,
    )

    settings = {field for field in Config.__struct_fields__ if field not in ("folder", "file", "named_now")}
    assert {field for field in settings if getattr(config, field) != getattr(Config(), field)} == settings
    assert config.table_folders == (folder / "tables",)
    assert config.services[0].framework == "fastapi"


def test_the_nearest_settings_count_alone(folder: Path) -> None:
    """The nearest file above the path is taken whole; files further up add nothing."""
    (folder.parent / "fwaudit.toml").write_text('parity = true\nmin-severity = "high"')
    inner = folder / "inner"
    inner.mkdir()

    config = load(folder, 'min-severity = "medium"')

    assert load_config(inner) == config
    assert (config.min_severity, config.parity) == ("medium", False)


def test_a_pyproject_without_our_table_does_not_count(folder: Path) -> None:
    """A pyproject.toml counts if it has `[tool.fwaudit]`, and is passed over if it only mentions the name."""
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["fwaudit"]')
    (folder.parent / "fwaudit.toml").write_text("parity = true")

    assert load_config(folder).parity

    (folder / "pyproject.toml").write_text("[tool.fwaudit]\ninclude-tests = true")

    assert (load_config(folder).include_tests, load_config(folder).parity) == (True, False)


def test_a_broken_pyproject_that_is_not_ours_is_no_error(folder: Path) -> None:
    """A pyproject.toml that never names fwaudit is not parsed for settings."""
    (folder / "pyproject.toml").write_text("[project\n")

    assert load_config(folder) == load_config(folder.parent)


def test_isolated_reads_nothing(folder: Path) -> None:
    """`--isolated` ignores even a broken file."""
    (folder / "fwaudit.toml").write_text("= broken")

    assert load_config(folder, isolated=True) == Config()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('min-severty = "low"', "unknown setting `min-severty`; did you mean `min-severity`?"),
        ('min_severity = "low"', "unknown setting `min_severity`; did you mean `min-severity`?"),
        ('folder = "/"', "unknown setting `folder`"),
        ("[tool.fwaudit]", "unknown setting `tool`; here the settings stand without `[tool.fwaudit]`"),
        ('min-severity = "hgh"', "setting `min-severity`: `hgh` is not one of low, medium, high; did you mean `high`?"),
        ('fail-on = "nevr"', "setting `fail-on`: `nevr` is not one of low, medium, high, never; did you mean `never`?"),
        ('fail-categories = ["event-loop", "drivr"]', "did you mean `driver`?"),
        ("max-file-size = 0", "setting `max-file-size`: expected a whole number >= 1"),
        ('parity = "yes"', "setting `parity`: expected true or false, got a string"),
        ('select = "event-loop"', "setting `select`: expected a list, got a string"),
        ("ignore = [1]", "setting `ignore[0]`: expected a string, got a whole number"),
        ("baseline = 2027-01-31", "setting `baseline`: expected a string, got a date"),
        ("per-path-ignores = []", "setting `per-path-ignores`: expected a table, got a list"),
        ("answers = {team = []}", "expected true or false or a whole number or a number or a string, got a list"),
        ('blocking = ["app.x", "app..y"]', "setting `blocking[1]`: not a dotted name"),
        (
            '[[service]]\nroot = "a"\nframwork = "flask"',
            "setting `service[0]`: object contains unknown field `framwork`; did you mean `framework`?",
        ),
        ('[[service]]\nname = "a"', "setting `service[0]`: object missing required field `root`"),
        ("[answers]\nadmin_used = true", "setting `answers`: its keys are words joined by dashes"),
        ('rules = ["nowhere"]', "setting `rules`: `nowhere` is not a folder"),
        ("x = [", "not valid TOML"),
        ("a" + ".a" * 5_000 + " = 1", "fwaudit.toml: "),
        ("x = " + "[" * 100_000, "not valid TOML"),
    ],
)
def test_a_wrong_setting_names_file_key_and_nearest_word(folder: Path, text: str, message: str) -> None:
    """The error names the file, the key and, where there is one, the word that was probably meant."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)

    assert str(folder / "fwaudit.toml") in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["/etc", "..", "a/../../b", "link"])
@pytest.mark.parametrize("text", ['rules = ["{}"]', 'baseline = "{}"', '[[service]]\nroot = "{}"'])
def test_paths_in_settings_stay_inside(folder: Path, text: str, name: str) -> None:
    """A path that leads out of the settings' folder, also through a link, is refused."""
    (folder / "link").symlink_to(folder.parent)

    with pytest.raises(ConfigError, match="leads out of"):
        load(folder, text.format(name))


def test_a_path_inside_is_fine(folder: Path) -> None:
    """A path below the settings' folder is accepted, also with dots that stay inside."""
    assert load(folder, 'baseline = "a/../b.json"').baseline == "a/../b.json"


def test_files_that_are_no_settings_are_refused(folder: Path) -> None:
    """A file that is too large, not UTF-8, a FIFO or a folder is named, and a FIFO does not hang the run."""
    file = folder / "fwaudit.toml"
    file.write_bytes(b"#" * (FILE_LIMIT + 1))
    with pytest.raises(ConfigError, match="larger than"):
        load_config(folder)

    file.write_bytes(b'baseline = "\xff"')
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config(folder)

    file.unlink()
    os.mkfifo(file)
    with pytest.raises(ConfigError, match="not a regular file"):
        load_config(folder)

    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError):
        load_config(folder)


def test_a_named_file_must_be_there_and_hold_settings(folder: Path) -> None:
    """`--config FILE` fails for a missing file and for a pyproject.toml without our table; any other name has the keys themselves."""
    with pytest.raises(ConfigError, match="no such file"):
        load_config(folder, folder / "missing.toml")

    (folder / "pyproject.toml").write_text("[project]")
    with pytest.raises(ConfigError, match=r"no \[tool.fwaudit\] table"):
        load_config(folder, folder / "pyproject.toml")

    (folder / "strict.toml").write_text("parity = true")
    assert load_config(folder, folder / "strict.toml").parity


def test_patterns_are_seen_from_the_settings_folder(folder: Path) -> None:
    """A workspace below the settings' folder is named as seen from there; one outside matches by its own paths."""
    config = load(folder, "")

    assert config.place_of(folder / "src" / "app") == "src/app"
    assert config.place_of(folder) == ""
    assert config.place_of(folder.parent) == ""


def test_the_digest_changes_with_any_setting(folder: Path) -> None:
    """Equal settings have equal digests; one changed setting has another."""
    assert load(folder, "parity = true").digest == load(folder, "parity = true").digest
    assert load(folder, "parity = true").digest != load(folder, "").digest


@pytest.mark.parametrize(
    ("settings", "category", "severity", "confidence", "fails"),
    [
        ({}, "event-loop", "high", "high", True),
        ({}, "event-loop", "high", "medium", False),
        ({}, "event-loop", "medium", "high", False),
        ({}, "meta", "high", "high", False),
        ({"fail_on": "low", "fail_confidence": Grade.LOW}, "event-loop", "low", "low", True),
        ({"fail_on": "never", "fail_confidence": Grade.LOW}, "event-loop", "high", "high", False),
        ({"fail_categories": ("meta",)}, "meta", "high", "high", True),
    ],
)
def test_what_fails_a_run(settings: dict[str, object], category: str, severity: str, confidence: str, fails: bool) -> None:
    """A finding fails by its category, severity and confidence together, as the contract says."""
    config = Config(**settings)  # type: ignore[arg-type]

    assert config.fails(category, Grade(severity), Grade(confidence)) is fails


def test_rules_are_chosen_by_name_or_category() -> None:
    """`select` names what runs, `ignore` takes away; each by rule or category."""

    def chosen(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> set[str]:
        return set(choose_rules(Config(select=select, ignore=ignore), RULES).chosen)

    assert chosen() == set(RULES)
    assert chosen(select=("event-loop",)) == {"blocking-call-on-loop", "cpu-work-on-loop"}
    assert chosen(select=("event-loop",), ignore=("cpu-work-on-loop",)) == {"blocking-call-on-loop"}
    assert chosen(ignore=("event-loop",)) == {"unused-suppression"}


def test_a_selection_of_nothing_is_an_error() -> None:
    """A category without rules and a selection that is ignored again are refused; ignoring such a category is fine."""
    with pytest.raises(ConfigError, match="setting `select`: no rule of the category `glue` exists yet"):
        choose_rules(Config(select=("event-loop", "glue")), RULES)
    with pytest.raises(ConfigError, match="no rule is left to run"):
        choose_rules(Config(select=("event-loop",), ignore=("event-loop",)), RULES)

    assert choose_rules(Config(ignore=("glue",)), RULES).chosen == set(RULES)


@pytest.mark.parametrize(
    ("config", "origin"),
    [
        (Config(select=("blocking-cal-on-loop",)), "setting `select`"),
        (Config(select=("blocking-cal-on-loop",), file="/x/fwaudit.toml"), "/x/fwaudit.toml: setting `select`"),
        (Config(ignore=("meta", "blocking-cal-on-loop"), file="/x/fwaudit.toml"), "/x/fwaudit.toml: setting `ignore`"),
        (Config(ignore=("blocking-cal-on-loop",), file="/x/fwaudit.toml", named_now=("blocking-cal-on-loop",)), "--ignore"),
        (Config(per_path_ignores={"a/": ("blocking-cal-on-loop",)}, file="/x/y.toml"), '/x/y.toml: setting `per-path-ignores."a/"`'),
    ],
)
def test_an_unknown_rule_is_an_error(config: Config, origin: str) -> None:
    """A rule that does not exist is named with where it was written and the nearest right one."""
    with pytest.raises(ConfigError) as caught:
        choose_rules(config, RULES)

    message = "no rule or category is called `blocking-cal-on-loop`; did you mean `blocking-call-on-loop`?"
    assert str(caught.value) == f"{origin}: {message}"


def test_isolated_and_a_file_are_refused(folder: Path) -> None:
    """Settings that are named and not to be read are a contradiction."""
    with pytest.raises(UsageError, match=r"--isolated reads no settings, and --config .*own.toml names some"):
        load_config(folder, folder / "own.toml", isolated=True)


def test_the_categories_are_those_of_the_rule_pages() -> None:
    """The words that settings accept are the words that pages use."""
    field = next(field for field in msgspec.structs.fields(RuleData) if field.name == "category")

    assert get_args(Category) == CATEGORIES == get_args(field.type)


@pytest.mark.parametrize(
    ("key", "name", "message"),
    [
        ("framework", "fastpi", "setting `service[0].framework`: no framework is called `fastpi`; did you mean `fastapi`?"),
        ("server", "uvicon", "setting `service[0].server`: no server is called `uvicon`; did you mean `uvicorn`?"),
    ],
)
def test_a_service_in_the_settings_names_a_known_framework_and_server(key: str, name: str, message: str) -> None:
    """A slip of the pen is said, not passed over."""
    config = msgspec.convert({"service": [{"root": "app", key: name}]}, Config)

    with pytest.raises(ConfigError, match=re.escape(message)):
        check_services(config, ["fastapi", "flask"], ["uvicorn"])
    check_services(msgspec.convert({"service": [{"root": "app"}]}, Config), ["fastapi"], [])


@pytest.mark.parametrize(
    ("folder", "path", "root", "expected"),
    [
        ("/repo", "api", "/repo", "api"),
        ("/repo", "./api/", "/repo", "api"),
        ("/repo", "api", "/repo/api", "."),
        ("/repo", "api/v1", "/repo/api", "v1"),
        ("/repo", "web", "/repo/api", None),
        ("/repo", ".", "/repo/api", None),
        ("", "api", "/repo", "api"),
    ],
)
def test_a_path_of_the_settings_is_seen_from_the_workspace(folder: str, path: str, root: str, expected: str | None) -> None:
    """Settings may lie above the workspace; what lies outside it is not part of it."""
    assert Config(folder=folder).within(path, root) == expected
