"""Reading tables: what is wrong with one is said with file, table, key and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.catalog import files
from fwaudit.catalog.files import digest_of, read_tables
from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Blocking, Library
from fwaudit.errors import CatalogError

HEAD = 'distribution = "acme"\nimports = ["acme"]\ndocumentation = "https://example.org/"\n'
ROW = '[[blocking]]\ncalls = ["acme.{load,save}"]\nwaits_for = "network"\nsource = "https://example.org/"\n'
PAGE_DATA = 'summary = "x"\ncategory = "driver"\nseverity = "low"\nsince = "0.1"\n'


def _folder_with(root: Path, **libraries: str) -> Path:
    (root / "libraries").mkdir(parents=True, exist_ok=True)
    for name, text in libraries.items():
        (root / "libraries" / f"{name}.toml").write_text(text, encoding="utf-8")
    return root


def _message_of(folder: Path) -> str:
    with pytest.raises(CatalogError) as caught:
        load_catalog([folder])
    return str(caught.value)


def _blocks(catalog: Catalog, name: str) -> bool:
    known = catalog.callable(name)
    return known is not None and bool(known.blocking)


def test_a_users_table_is_read_beside_the_shipped_ones(tmp_path: Path) -> None:
    """Names of a user's own table are known, and the shipped ones stay."""
    catalog = load_catalog([_folder_with(tmp_path, acme=HEAD + ROW)])
    assert _blocks(catalog, "acme.load")
    assert _blocks(catalog, "time.sleep")
    assert not _blocks(catalog, "acme.other")


def test_a_users_row_replaces_the_shipped_row(tmp_path: Path) -> None:
    """Of rows for one name the later folder's count, whole; other names keep theirs."""
    own = HEAD + '[[blocking]]\ncalls = ["time.sleep"]\nwaits_for = "cpu"\nsource = "https://example.org/"\n'
    catalog = load_catalog([_folder_with(tmp_path, acme=own)])
    known = catalog.callable("time.sleep")
    assert known is not None
    assert [row.waits_for for row in known.blocking] == ["cpu"]
    unchanged = load_catalog().callable("time.sleep")
    assert unchanged is not None
    assert [row.waits_for for row in unchanged.blocking] == ["sleep"]


def test_rows_can_come_from_settings() -> None:
    """A project's own leaves are rows like any other."""
    row = Blocking(calls=["app.database.*"], waits_for="database", source="https://example.org/")
    own = Library(distribution="app", imports=["app"], documentation="", blocking=[row])
    assert _blocks(load_catalog(own=[own]), "app.database.fetch")
    assert not _blocks(load_catalog(own=[own]), "app.other.fetch")


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    """The message leads to the row and to the key that was meant."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace("waits_for", "wait_for")))
    assert message.startswith(f"{tmp_path}/libraries/acme.toml: blocking[0] (acme.{{load,save}}): ")
    assert "there is no key `wait_for`; did you mean `waits_for`?" in message


def test_an_unknown_table_names_the_nearest(tmp_path: Path) -> None:
    """A misspelt table is an unknown key of the file."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace("[[blocking]]", "[[blockings]]")))
    assert "there is no key `blockings`; did you mean `blocking`?" in message


def test_a_wrong_word_names_the_nearest(tmp_path: Path) -> None:
    """The message lists the words that the key takes."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace('"network"', '"netwrk"')))
    assert "blocking[0].waits_for" in message
    assert "`netwrk` is not one of network, database, file, process, lock, sleep, cpu; did you mean `network`?" in message


def test_a_word_far_from_all_gets_no_suggestion(tmp_path: Path) -> None:
    """Nothing is suggested where nothing is near."""
    assert "did you mean" not in _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace('"network"', '"zzz"')))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """A row without a source is refused."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace('source = "https://example.org/"\n', "")))
    assert "blocking[0] (acme.{load,save})" in message
    assert "`source`" in message


def test_a_value_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    """A string where a list belongs is refused with its place."""
    assert "blocking[0].calls" in _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace('["acme.{load,save}"]', '"acme.load"')))


def test_a_wrong_key_deep_in_a_condition_is_named(tmp_path: Path) -> None:
    """The path leads through lists."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + ROW + 'when = [{ keyward = "x" }]\n'))
    assert "blocking[0].when[0]" in message
    assert "did you mean `keyword`?" in message


@pytest.mark.parametrize("text", ["distribution = ", "[[blocking]\n", 'a = "\n"'])
def test_what_is_no_toml_is_named(tmp_path: Path, text: str) -> None:
    """The parser's message keeps its line."""
    message = _message_of(_folder_with(tmp_path, acme=text))
    assert message.startswith(f"{tmp_path}/libraries/acme.toml: ")
    assert "(at " in message


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    """A table that is not UTF-8 is refused."""
    (_folder_with(tmp_path) / "libraries" / "acme.toml").write_bytes(b"\xff\xfe")
    assert _message_of(tmp_path).startswith(f"{tmp_path}/libraries/acme.toml: ")


@pytest.mark.parametrize("name", ["acme..load", "acme load", "acme.{load", "acme.*.load", "1acme.load", ""])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    """What cannot be a dotted name stops the start."""
    assert "is not a dotted name" in _message_of(_folder_with(tmp_path, acme=HEAD + ROW.replace("acme.{load,save}", name)))


def test_a_bad_type_is_refused(tmp_path: Path) -> None:
    """A type that cannot be read is named with its call."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + '[[returns]]\ncalls = ["acme.load"]\ntype = "str"\n'))
    assert message.startswith(f"{tmp_path}/libraries/acme.toml: acme.load: `str` is neither")


@pytest.mark.parametrize(
    "row",
    ['[[classes]]\nnames = ["acme.A"]\nelements = "str"\n', '[[coroutines]]\ncalls = ["acme.load"]\ntype = "str"\n'],
)
def test_a_bad_type_of_a_class_or_coroutine_is_refused(tmp_path: Path, row: str) -> None:
    """Every place that holds a type is checked at the start."""
    assert "`str` is neither" in _message_of(_folder_with(tmp_path, acme=HEAD + row))


@pytest.mark.parametrize(
    "table",
    [
        ROW.replace("{load,save}", "{b,c}" * 40),
        '[[layers]]\nlayer = "database"\ncalls = ["acme.{0}"]\nsource = "https://example.org/"\n'.replace("{0}", "{b,c}" * 40),
        ROW.replace("{load,save}", "{" + ",".join(map("f{}".format, range(1001))) + "}"),
    ],
)
def test_braces_that_stand_for_too_many_names_are_refused(tmp_path: Path, table: str) -> None:
    """Before the names are made, in whatever row: 40 pairs would be a million millions of them."""
    message = _message_of(_folder_with(tmp_path, acme=HEAD + table))
    assert message.startswith(f"{tmp_path}/libraries/acme.toml: `acme.")
    assert message.endswith("...` stands for more than 1,000 names")


def test_braces_that_stand_for_many_names_are_read(tmp_path: Path) -> None:
    """Two to the ninth are few enough."""
    assert _blocks(load_catalog([_folder_with(tmp_path, acme=HEAD + ROW.replace("{load,save}", "{b,c}" * 9))]), "acme.bcbcbcbcb")


def test_too_many_names_in_the_settings_are_refused() -> None:
    """They pass no table file."""
    row = Blocking(calls=["app." + "{b,c}" * 40], waits_for="database", source="https://example.org/")
    with pytest.raises(CatalogError, match="stands for more than 1,000 names"):
        load_catalog(own=[Library(distribution="app", imports=["app"], documentation="", blocking=[row])])


@pytest.mark.parametrize("type_", ["class:" * 5000 + "a.B", "awaitable[" * 5000 + "a.B" + "]" * 5000])
def test_a_type_that_is_nested_without_end_is_refused(tmp_path: Path, type_: str) -> None:
    """Instead of a RecursionError."""
    row = f'[[returns]]\ncalls = ["acme.load"]\ntype = "{type_}"\n'
    assert _message_of(_folder_with(tmp_path, acme=HEAD + row)).endswith("acme.toml: acme.load: a type is nested too deeply")


def test_toml_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    """Instead of a RecursionError."""
    assert "acme.toml: " in _message_of(_folder_with(tmp_path, acme=HEAD + "extra = " + "[" * 5000 + "]" * 5000 + "\n"))


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """In one file and over two, with both files named."""
    twice = '[[classes]]\nnames = ["acme.A"]\n'
    assert "classes: `acme.A` stands twice" in _message_of(_folder_with(tmp_path / "one", acme=HEAD + twice + twice))
    message = _message_of(_folder_with(tmp_path / "two", acme=HEAD + twice, other=HEAD + twice))
    assert "other.toml" in message
    assert "acme.toml" in message


def test_blocking_rows_of_one_name_need_conditions(tmp_path: Path) -> None:
    """Two rows without conditions contradict each other; a second one with a condition is fine, and comes first."""
    assert "stands twice" in _message_of(_folder_with(tmp_path / "bad", acme=HEAD + ROW + ROW))
    conditional = ROW.replace('"network"', '"file"') + 'when = [{ keyword = "path" }]\n'
    catalog = load_catalog([_folder_with(tmp_path / "good", acme=HEAD + ROW + conditional)])
    known = catalog.callable("acme.load")
    assert known is not None
    assert [row.waits_for for row in known.blocking] == ["file", "network"]


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    """A mistyped folder is not silently empty."""
    assert "no libraries/*.toml" in _message_of(tmp_path)
    assert "no libraries/*.toml" in _message_of(tmp_path / "missing")


def test_a_directory_named_like_a_table_is_no_table(tmp_path: Path) -> None:
    """Only files are read."""
    folder = _folder_with(tmp_path, acme=HEAD + ROW)
    (folder / "libraries" / "x.toml").mkdir()
    assert _blocks(load_catalog([folder]), "acme.load")


def test_the_digest_changes_with_any_byte(tmp_path: Path) -> None:
    """A comment in a user's table makes another digest; the same tables make the same."""
    first = digest_of(read_tables([_folder_with(tmp_path, acme=HEAD + ROW)]))
    assert digest_of(read_tables([tmp_path])) == first
    assert digest_of(read_tables([_folder_with(tmp_path, acme=HEAD + ROW + "#")])) != first
    assert digest_of(read_tables()) != first


def test_shipped_files_are_named_without_their_folder() -> None:
    """Messages about shipped tables say `rules/...`, wherever fwaudit is installed."""
    assert {file.shown.partition("/")[0] for file in read_tables()} == {"rules"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# other\n", "the first line is `# other`, not `# some-rule`"),
        ("# some-rule\nno data\n", "no `toml` block"),
        (f"# some-rule\n```toml\n{PAGE_DATA.replace('driver', 'drivr')}```\n", "did you mean `driver`?"),
    ],
)
def test_a_broken_page_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, reason: str) -> None:
    """Title and data of a page are checked; the message names the page."""
    _folder_with(tmp_path, acme=HEAD + ROW)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "some-rule.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "_shipped_folder", lambda: tmp_path)
    with pytest.raises(CatalogError) as caught:
        load_catalog()
    assert str(caught.value).startswith("rules/pages/some-rule.md: ")
    assert reason in str(caught.value)


def test_a_page_is_a_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first `toml` block is the rule's data, the whole text its page."""
    _folder_with(tmp_path, acme=HEAD + ROW)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "some-rule.md").write_text(
        f"# some-rule\n\n```toml\n{PAGE_DATA}```\n\n```toml\nother = 1\n```\n", encoding="utf-8"
    )
    monkeypatch.setattr(files, "_shipped_folder", lambda: tmp_path)
    page = load_catalog().rules["some-rule"]
    assert (page.data.category, page.data.fix) == ("driver", "none")
    assert page.text.startswith("# some-rule")


def test_a_page_that_is_no_text_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page has to be UTF-8."""
    _folder_with(tmp_path, acme=HEAD + ROW)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "some-rule.md").write_bytes(b"# some-rule \xff")
    monkeypatch.setattr(files, "_shipped_folder", lambda: tmp_path)
    with pytest.raises(CatalogError, match=r"^rules/pages/some-rule\.md: "):
        load_catalog()


def test_blocking_rows_of_one_name_stand_in_one_file(tmp_path: Path) -> None:
    """A name's conditions are read together, so they stand together."""
    conditional = ROW + 'when = [{ keyword = "path" }]\n'
    assert "`acme.load` stands also in" in _message_of(_folder_with(tmp_path, acme=HEAD + ROW, other=HEAD + conditional))


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system's reason is given with the file's name."""
    folder = _folder_with(tmp_path, acme=HEAD + ROW)
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.stem == "acme":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert _message_of(folder) == f"{folder}/libraries/acme.toml: Permission denied"


def test_missing_rules_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation without its rules says so."""
    monkeypatch.setattr(files, "__file__", str(tmp_path / "src" / "fwaudit" / "catalog" / "files.py"))
    with pytest.raises(CatalogError, match="the folder rules/ is missing"):
        read_tables()


@pytest.mark.parametrize("place", ["src/fwaudit/rules", "rules"])
def test_rules_are_found_in_a_wheel_and_in_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    """Beside the package's modules, where a wheel puts them, and at the root of a checkout."""
    _folder_with(tmp_path / place, acme=HEAD + ROW)
    monkeypatch.setattr(files, "__file__", str(tmp_path / "src" / "fwaudit" / "catalog" / "files.py"))
    assert [file.shown for file in read_tables()] == ["rules/libraries/acme.toml"]
