"""What every resource shares: routing, filters, pagination, formats, documentation."""
