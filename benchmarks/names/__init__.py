"""Names: how well they are found and told apart."""
