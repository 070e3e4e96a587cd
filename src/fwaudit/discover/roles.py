"""What a file is for, by the conventions of its path."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from fwaudit.model.source import Role

_TEST_FILE = re.compile(r"(?:test_.*|.*_test|conftest|tests?)\.py", re.DOTALL)
_GENERATED_FILE = re.compile(r".*_pb2(?:_grpc)?\.py", re.DOTALL)
_TEST_FOLDERS = frozenset(
    {
        "tests",
        *(
            f"{kind}{joint}tests"
            for kind in ("acceptance", "e2e", "functional", "integration", "playwright", "selenium", "smoke", "unit")
            for joint in "_-"
        ),
    }
)
_STEPS = "/features/steps/"
"""Where Behave looks for the code of its tests."""
_VENDOR_FOLDERS = frozenset({"vendor", "_vendor", "vendored", "third_party", "site-packages"})
_OFTEN_COPIED = frozenset(
    {
        "attr", "bs4", "certifi", "chardet", "charset_normalizer", "cheroot", "cherrypy", "click", "dateutil", "flask", "html5lib",
        "httplib2", "idna", "importlib_metadata", "jinja2", "lxml", "mako", "markupsafe", "oauthlib", "packaging", "pkg_resources",
        "pyparsing", "pytz", "requests", "setuptools", "simplejson", "soupsieve", "tornado", "typing_extensions", "urllib3",
        "webencodings", "werkzeug", "yaml",
    }
)  # fmt: skip
"""Packages that most installations bring: several of them side by side were put there by an installer, or by hand in its place."""
_COPIES_TELL = 4
_HEADER_LENGTH = 1500
_WARNINGS = (b"do not edit", b"don't edit", b"do not modify", b"@generated")

_REQUIREMENTS = re.compile(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)", re.DOTALL)
_CONSTRAINTS = re.compile(r"(?:.*[-_.])?constraints(?:[-_.].*)?\.(?:txt|in)", re.DOTALL)
_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\..*)?|.*\.[dD]ockerfile", re.DOTALL)
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[-_.].*)?\.ya?ml", re.DOTALL)
_GUNICORN = re.compile(r"(?:.*[-_.])?gunicorn(?:[-_.].*)?\.py", re.DOTALL)
_UWSGI = re.compile(r".*uwsgi.*\.(?:conf|ini|ya?ml)", re.DOTALL)
_SUPERVISOR = re.compile(r".*supervisor.*\.(?:conf|ini)", re.DOTALL)
_SPECIFICATION = re.compile(r"(?:openapi|swagger)\.(?:json|ya?ml)")
_DESCRIPTION = re.compile(r"(?:.*[-_.])?(?:api|openapi|spec|swagger)(?:[-_.].*)?\.ya?ml", re.DOTALL)
_DESCRIPTION_FOLDERS = frozenset({"openapi", "spec", "specification", "specifications", "specs", "swagger"})
"""What may be an OpenAPI document under a name of its own: read where a framework registers the routes of documents."""
_WORKLOAD = re.compile(r"(?:.*[-_.])?(?:deploy|deployment|statefulset|daemonset|cronjob|job|pod)\.ya?ml", re.DOTALL)
_KUBERNETES_FOLDERS = frozenset({"k8s", "kube", "kubernetes", "openshift"})
"""All below them is Kubernetes': a folder for each cloud, or bases and overlays of Kustomize."""
_WORKLOAD_FOLDERS = _KUBERNETES_FOLDERS | {"deploy", "deployment", "deployments", "manifests"}
_NAMED = {
    "GNUmakefile": "makefile", "Justfile": "makefile", "Makefile": "makefile", "Pipfile": "pipfile", "Pipfile.lock": "lock",
    "app.yaml": "app-engine", "app.yml": "app-engine", "boot": "shell", "docker-entrypoint": "shell", "entry": "shell",
    "entrypoint": "shell", "environment.yaml": "conda", "environment.yml": "conda", "fly.toml": "fly", "heroku.yml": "heroku",
    "justfile": "makefile", "makefile": "makefile", "nixpacks.toml": "nixpacks", "pdm.lock": "lock", "poetry.lock": "lock",
    "pylock.toml": "lock", "pyproject.toml": "pyproject", "railway.json": "railway", "railway.toml": "railway", "render.yaml": "render",
    "render.yml": "render", "run": "shell", "serverless.yaml": "serverless", "serverless.yml": "serverless", "setup.cfg": "setup.cfg",
    "setup.py": "setup.py", "start": "shell", "uv.lock": "lock", "vercel.json": "vercel", "zappa_settings.json": "zappa",
}  # fmt: skip
_BY_ENDING = {".sh": "shell", ".bash": "shell", ".service": "systemd"}
_PASTE = frozenset({"development.ini", "local.ini", "production.ini", "staging.ini", "websocket.ini"})


def copied_packages(paths: Iterable[str]) -> frozenset[str]:
    """The folders of well-known packages that are copied into the tree: several of them beside each other, as an installer leaves them.

    A project's own package may be called `requests` or `tornado`; that it has four such neighbours, no project was seen to do.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, name = path.rpartition("/")
        above, _, package = folder.rpartition("/")
        if name == "__init__.py" and package in _OFTEN_COPIED:
            beside[above].add(package)
    return frozenset(
        f"{above}/{package}/".lstrip("/") for above, packages in beside.items() if len(packages) >= _COPIES_TELL for package in packages
    )


def role_of(path: str, content: bytes, copied: frozenset[str] = frozenset()) -> Role:
    """What the Python file at `path` (relative to the root) is for; `copied` are the folders that `copied_packages` found."""
    *folders, name = path.split("/")
    inside = frozenset(folders)
    if not _VENDOR_FOLDERS.isdisjoint(inside) or (copied and path.startswith(tuple(copied))):
        return Role.VENDORED
    if _TEST_FILE.fullmatch(name) or not _TEST_FOLDERS.isdisjoint(inside) or folders[:1] in (["e2e"], ["test"]) or _STEPS in f"/{path}":
        return Role.TEST
    if _GENERATED_FILE.fullmatch(name) or _has_generated_header(content):
        return Role.GENERATED
    if "migrations" in inside or "alembic/versions/" in f"{'/'.join(folders)}/":
        return Role.MIGRATION
    return Role.CODE


def manifest_kind(folder: str, name: str) -> str | None:
    """The kind of manifest that `name` in the folder `folder` (its path) is; None if it is none."""
    above, _, folder = folder.rpartition("/")
    kind = _NAMED.get(name) or _BY_ENDING.get(name[name.rfind(".") :])
    if kind is not None:
        return kind
    if name == "Procfile" or name.startswith("Procfile."):
        return "procfile"
    if name.endswith(".py"):
        return "gunicorn" if "gunicorn" in name and _GUNICORN.fullmatch(name) else None
    if name.endswith((".txt", ".in")):
        if _CONSTRAINTS.fullmatch(name):
            return "constraints"
        return "requirements" if folder == "requirements" or _REQUIREMENTS.fullmatch(name) else None
    if name.endswith((".yml", ".yaml", ".json", ".ini", ".conf")):
        return _kind_of_settings(above, folder, name)
    return "dockerfile" if _DOCKERFILE.fullmatch(name) else None


def _kind_of_settings(above: str, folder: str, name: str) -> str | None:
    """The kind of a file whose ending says only how it is written."""
    if _COMPOSE.fullmatch(name):
        return "compose"
    if _UWSGI.fullmatch(name):
        return "uwsgi"
    if name in _PASTE:
        return "paste"
    if _SPECIFICATION.fullmatch(name):
        return "openapi"
    if name.endswith((".conf", ".ini")):
        return "supervisor" if _SUPERVISOR.fullmatch(name) or folder.startswith("supervisor") else None
    is_below = folder in _WORKLOAD_FOLDERS or not _KUBERNETES_FOLDERS.isdisjoint(above.split("/"))
    is_workload = _WORKLOAD.fullmatch(name) or (is_below and not name.endswith(".json"))
    if is_workload:
        return "kubernetes"
    if name.endswith((".yml", ".yaml")) and (folder in _DESCRIPTION_FOLDERS or _DESCRIPTION.fullmatch(name)):
        return "description"
    return "dockerfile" if _DOCKERFILE.fullmatch(name) else None


def _has_generated_header(content: bytes) -> bool:
    """Whether the comments at the file's head say that it is generated and not to be edited."""
    head = content[:_HEADER_LENGTH].lower()
    if b"generated" not in head:
        return False
    comments = []
    for line in head.splitlines():
        text = line.strip()
        if text.startswith((b"#", b'"""')):
            comments.append(text)
        elif text:
            break
    text = b" ".join(comments)
    return b"generated" in text and any(warning in text for warning in _WARNINGS)
