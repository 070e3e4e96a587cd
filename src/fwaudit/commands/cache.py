"""`fwaudit cache`: what is kept between runs."""

from __future__ import annotations

from pathlib import Path

from fwaudit.commands.group import commands, safe
from fwaudit.commands.options import cache_option


@commands.group()
def cache() -> None:
    """Look after the cache."""


@cache.command()
@cache_option
def clean(cache_dir: Path | None) -> int:
    """Remove all cached facts and audits."""
    from fwaudit.cache import Cache
    from fwaudit.output import write_note

    store = Cache(cache_dir)
    count = store.clean()
    write_note(safe(f"{count} cached {'file' if count == 1 else 'files'} removed from {store.folder}"))
    return 0
