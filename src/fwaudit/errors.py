"""What can go wrong before an audit starts. Trouble in audited files is a `Problem` in the Audit, never one of these.

FwauditError
├── UsageError      wrong arguments
│   └── NothingToAuditError
├── ConfigError     a wrong setting, with its file
├── CatalogError    a wrong table or page, with its file
└── ReportError     a report that could not be written
"""

from __future__ import annotations


class FwauditError(Exception):
    """The root of all errors that a user can mend; `exit_code` is what the process returns."""

    exit_code = 2


class UsageError(FwauditError):
    """Wrong arguments."""


class NothingToAuditError(UsageError):
    """There is no Python file."""


class ConfigError(FwauditError):
    """A setting that cannot be used; the message names file, key and the nearest right word."""


class CatalogError(FwauditError):
    """A table or rule page that cannot be used; the message names file and key."""


class ReportError(FwauditError):
    """A report that could not be written whole; nothing was left half-written."""

    exit_code = 3
