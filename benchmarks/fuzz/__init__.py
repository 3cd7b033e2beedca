"""Fuzzing of the parsers by coverage: the targets, and the program that runs them under atheris."""
