"""What findings say of input that ends somewhere."""

from __future__ import annotations

from tests.support import audit_sources

_SOURCE = """
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)

class User(db.Model):
    name = db.Column(db.String)
    mail = db.Column(db.String)

class Shop(db.Model):
    title = db.Column(db.String)

@app.post("/")
def make():
    data = request.json
    db.session.add(User(name=data["name"], mail=data["mail"]))
    db.session.add(Shop(title=data["title"]))
    return ""
"""


def test_each_field_is_said_where_it_ends() -> None:
    """Of several ends the message names two, each with its own fields."""
    [finding] = [one for one in audit_sources({"app.py": _SOURCE})[1].findings if one.rule == "unvalidated-request-body"]

    assert finding.message == (
        "`mail` and `name` of the request's body reach `app.User`, `title` reaches `app.Shop`, and nothing checks them"
    )
