"""Files in the record: kept in pieces, recognised by their bytes, opened without leaving anything behind."""
