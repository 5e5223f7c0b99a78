"""The same relation and the same verbs on Apache Spark."""
