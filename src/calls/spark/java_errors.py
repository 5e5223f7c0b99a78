"""What Spark says went wrong, in one line."""


def in_one_line(error: Exception) -> str:
    """The first line of what Java or PySpark says; asked while Java runs, for it holds the words."""
    thrown = getattr(error, "java_exception", None)
    text = str(thrown.getMessage() if thrown else error)
    said = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return said[:300]
