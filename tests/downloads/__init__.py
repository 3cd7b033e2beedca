"""The files to download, each read by software that others wrote."""
