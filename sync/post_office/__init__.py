"""The post office: the daemon and all that it needs. It sees sealed envelopes, and nothing of the record."""
