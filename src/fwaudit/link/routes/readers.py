"""All readers of routes that a framework's table cannot say, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.routes.cherrypy import read_cherrypy
from fwaudit.link.routes.connexion import read_connexion
from fwaudit.link.routes.django.read import read_django
from fwaudit.link.routes.grpc import read_grpc
from fwaudit.link.routes.litestar import read_litestar
from fwaudit.link.routes.py4web import read_py4web
from fwaudit.link.routes.pyramid import read_pyramid
from fwaudit.link.routes.tornado import read_tornado
from fwaudit.link.routes.web2py import read_web2py

READERS: tuple[Callable[[EntryPoints], None], ...] = (
    read_cherrypy,
    read_connexion,
    read_django,
    read_grpc,
    read_litestar,
    read_py4web,
    read_pyramid,
    read_tornado,
    read_web2py,
)
"""Each adds what it finds with `EntryPoints.add_route` and `add_point`, and nothing where its framework is not imported."""
