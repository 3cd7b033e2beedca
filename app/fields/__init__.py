"""Value types: dates, countries and the folding of texts; they import nothing else of this project."""
