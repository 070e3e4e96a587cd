"""Reads what git tells of the services. It runs nothing that the repository names: see `git`."""
