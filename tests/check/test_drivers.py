"""Findings on drivers speak of the service's own loop."""

from __future__ import annotations

from tests.support import audit_sources

SERVICE = """
from fastapi import FastAPI
{imports}
app = FastAPI()


@app.get("/a")
async def a():
    {body}
"""
REPORT = """
import asyncio
import psycopg2


async def report():
    connection = psycopg2.connect("dbname=shop")
    cursor = connection.cursor()
    cursor.execute("select 1")
    connection.commit()
"""
COMMAND = REPORT + "\n\nif __name__ == '__main__':\n    asyncio.run(report())\n"


def rules(service: str, other: str) -> set[str]:
    """The rules of all findings."""
    return {finding.rule for finding in audit_sources({"app.py": service, "other.py": other})[1].findings}


def test_what_no_route_reaches_is_no_driver_of_the_service() -> None:
    """A command in the same folder blocks a loop of its own, which the single calls say; below a route it is a driver of the service."""
    beside = rules(SERVICE.format(imports="", body="return 'x'"), COMMAND)
    below = rules(SERVICE.format(imports="from other import report", body="await report()"), REPORT)

    assert "blocking-call-on-loop" in beside
    assert "sync-driver-in-asgi-app" not in beside
    assert "sync-driver-in-asgi-app" in below
