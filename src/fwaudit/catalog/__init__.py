"""The tables of rules/: their form, how they are read, and what they answer."""
