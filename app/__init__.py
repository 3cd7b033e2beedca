"""unlisted: a read-only REST API of the United Nations' sanctions on North Korea."""

__version__ = "0.1.0"
