"""The UN's consolidated list: read, compared with the record, turned into a patch."""
