"""The keys of a record: the keyring and its passphrases, the recovery key and its shares, changing the record's key."""
