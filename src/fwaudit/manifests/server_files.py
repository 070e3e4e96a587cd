"""The servers' own files: gunicorn.conf.py, uwsgi.ini, the ini files of PasteDeploy; and which command reads which."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from packaging.utils import canonicalize_name

from fwaudit.catalog.servers import ServerIndex
from fwaudit.manifests.literals import Literals, parse_python
from fwaudit.manifests.setup_files import read_ini
from fwaudit.manifests.starts import Started
from fwaudit.manifests.text import ManifestText, inside
from fwaudit.manifests.yaml import read_yaml
from fwaudit.model.manifest import UNKNOWN_WORKER_CLASS
from fwaudit.model.numbers import whole_number

_GUNICORN_SETTINGS = frozenset({"bind", "chdir", "preload_app", "reload", "threads", "timeout", "worker_class", "workers", "wsgi_app"})
_NUMBER_LIMIT = 10**9
"""What no number of workers, threads or seconds reaches: some cannot even be written (`0xfff...`)."""
_GUNICORN_FILE = "gunicorn.conf.py"
"""What gunicorn reads in the folder where it is started, without being told."""
_PASTE_SERVER = re.compile(r"egg:(?P<name>[\w-]+)")


def read_server_file(file: ManifestText, servers: ServerIndex) -> Iterator[Started]:
    """The server that the file is written for, with what the file tells it; none if it is no such file."""
    read = {"gunicorn": _of_gunicorn, "uwsgi": _of_uwsgi}.get(file.kind)
    started = read(file) if read is not None else _of_paste(file, servers)
    if started is not None:
        yield started


def _of_gunicorn(file: ManifestText) -> Started | None:
    literals = Literals(parse_python(file.text))
    values = {name: value for name in sorted(_GUNICORN_SETTINGS) if (value := literals.value_of(name)) is not None}
    is_worker_unknown = literals.is_bound("worker_class")
    # A file of another name (`test_gunicorn_config.py`) may bind that name for something else.
    if not values and not (is_worker_unknown and file.name == _GUNICORN_FILE):
        return None
    texts = {name: next((text for text, _ in literals.texts(value)), "") for name, value in values.items()}
    constants = {name: value.value for name, value in values.items() if isinstance(value, ast.Constant)}
    numbers = {name: value for name, value in constants.items() if type(value) is int and abs(value) < _NUMBER_LIMIT}
    lines = sorted(value.lineno for value in values.values())
    options = [f"--{name}={numbers[name]}" for name in ("threads", "timeout") if name in numbers]
    options += [f"--{name.removesuffix('_app')}" for name in ("preload_app", "reload") if constants.get(name) is True]
    return Started(
        "gunicorn",
        values["worker_class"].lineno if "worker_class" in values else next(iter(lines), 1),
        inside(file.folder, texts.get("chdir", "")),
        texts.get("wsgi_app", ""),
        texts.get("worker_class") or (UNKNOWN_WORKER_CLASS if is_worker_unknown else ""),
        numbers.get("workers"),
        tuple(sorted(options)),
    )


def _of_uwsgi(file: ManifestText) -> Started | None:
    sections: dict[str, dict[str, str]] = {}
    if file.name.endswith((".conf", ".ini")):
        for section, key, _, text in read_ini(file.text):
            sections.setdefault(section, {}).setdefault(key, text)
    else:
        for document in read_yaml(file.text):
            sections |= {name: {key: node.text for key, node in section.entries.items()} for name, section in document.entries.items()}
    # A command may name another section (`uwsgi.yaml:prod`): without [uwsgi], the only one counts.
    values = sections.get("uwsgi") or (next(iter(sections.values())) if len(sections) == 1 else {})
    app = next((values[key] for key in ("module", "wsgi", "wsgi-file", "mount") if values.get(key)), "").rpartition("=")[2].strip()
    if values.get("callable") and app and ":" not in app and not app.endswith(".py"):
        app = f"{app}:{values['callable']}"
    workers = values.get("processes") or values.get("workers") or ""
    if not values or not (app or workers or values.get("master") or values.get("socket") or values.get("http")):
        return None
    options = tuple(sorted(f"--{key}={values[key]}" for key in ("asyncio", "gevent", "threads") if values.get(key)))
    return Started("uwsgi", 1, inside(file.folder, values.get("chdir", "")), app, "", whole_number(workers), options)


def _of_paste(file: ManifestText, servers: ServerIndex) -> Started | None:
    for section, key, line, text in read_ini(file.text):
        egg = _PASTE_SERVER.match(text) if section.startswith("server:") and key == "use" else None
        server = servers.of_distribution(canonicalize_name(egg["name"])) if egg is not None else None
        if server is not None:
            return Started(server.name, line, file.folder, file.path)
    return None


def with_server_files(starts: Iterable[tuple[ManifestText, Started]], files: Mapping[str, Started]) -> Iterator[tuple[str, Started]]:
    """Each start with the path of the manifest that says it, completed by the file that it reads; then the files that no command reads.

    A path on a command line is often one inside a container: a file is then known by its name, if it is the only one of that name
    or the one with the longest ending in common.
    """
    used: set[str] = set()
    for manifest, started in starts:
        path = _path_of(started, files)
        if path is None:
            yield manifest.path, started
            continue
        used.add(path)
        yield manifest.path, _completed(started, files[path], path)
    unread = {path: started for path, started in files.items() if path not in used}
    beside = Counter((posixpath.dirname(path), started.server) for path, started in unread.items())
    for path, started in unread.items():
        yield path, started if beside[posixpath.dirname(path), started.server] == 1 else _one_of_several(started)


def _one_of_several(started: Started) -> Started:
    """Of several files side by side that no known command reads, nobody says which one serves the application, and with which workers."""
    return replace(started, worker_class=UNKNOWN_WORKER_CLASS, workers=None, options=())


def _completed(started: Started, said: Started, path: str) -> Started:
    names = {option.partition("=")[0] for option in started.options}
    options = (*started.options, *(option for option in said.options if option.partition("=")[0] not in names))
    return replace(
        started,
        app=started.app or said.app,
        worker_class=started.worker_class or said.worker_class,
        workers=said.workers if started.workers is None else started.workers,
        options=tuple(sorted(options)),
        config=started.config or path,
    )


def _path_of(started: Started, files: Mapping[str, Started]) -> str | None:
    """The file that the command reads; gunicorn reads ./gunicorn.conf.py without being told."""
    config = started.config.removeprefix("file:")
    if started.server == "uwsgi":
        config = config.partition(":")[0]
    if config.startswith("python:"):
        config = config.removeprefix("python:").replace(".", "/") + ".py"
    if not config:
        path = posixpath.normpath(posixpath.join(started.folder, _GUNICORN_FILE))
        return path if started.server == "gunicorn" and path in files else None
    exact = posixpath.normpath(posixpath.join(started.folder, config))
    if exact in files and files[exact].server == started.server:
        return exact
    parts = posixpath.normpath(config).split("/")[::-1]
    ranked = sorted((_in_common(path.split("/")[::-1], parts), path) for path, file in files.items() if file.server == started.server)
    if not ranked or ranked[-1][0] == 0 or (len(ranked) > 1 and ranked[-2][0] == ranked[-1][0]):
        return None
    return ranked[-1][1]


def _in_common(left: list[str], right: list[str]) -> int:
    """How many parts are equal from the start."""
    return next((place for place, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), min(len(left), len(right)))
