"""One file's bytes to its facts: pure, one LibCST pass, and no syntax node leaves it."""
