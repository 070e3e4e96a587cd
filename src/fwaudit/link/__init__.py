"""From the facts of all files to the Project: symbols, types, calls, entry points, reach, services."""
