"""How names compare: romanization, tokens, typos, and an index of names; no database and no HTTP."""
