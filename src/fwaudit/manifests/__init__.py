"""The manifests stage: what pyproject, requirements, lock files, Dockerfiles and their like say."""
