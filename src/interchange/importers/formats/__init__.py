"""The source formats: one module a source; a module whose name begins with an underscore belongs to another.

Each has a docstring that says what it reads, and `FORMATS`, which `interchange.importers.detection` finds by itself.
"""
