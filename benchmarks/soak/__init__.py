"""Load, overload and hostile clients against a server that runs, and what they cost."""
