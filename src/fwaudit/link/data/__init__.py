"""How the code uses databases and other services: asked for by checks, worked out then, and once."""
