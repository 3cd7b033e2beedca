"""Pages: every answer as HTML for a browser, made from the JSON that a program gets; one folder a resource."""
