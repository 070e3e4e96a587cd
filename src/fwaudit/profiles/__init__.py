"""Reads what profilers measured, and tells whose time it was: which function's, route's and library's."""
