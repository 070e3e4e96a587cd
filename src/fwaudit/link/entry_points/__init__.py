"""Functions that frameworks and servers call, where they run them, and the routes that they serve."""
