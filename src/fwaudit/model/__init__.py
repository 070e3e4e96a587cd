"""The nouns: frozen, without algorithms beyond queries."""
