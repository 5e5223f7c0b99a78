"""The source formats: one module a source; a module whose name begins with an underscore belongs to another."""
