"""How fast the API answers, beside other ways to serve the same data."""
