"""unlisted: a read-only REST API of the United Nations' sanctions on North Korea."""
