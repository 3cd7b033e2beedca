"""How the API grows: the real record beside synthetic ones of the same schema, published as it is."""
