"""The only stage that walks the disk: root and settings in, `Workspace` out."""
