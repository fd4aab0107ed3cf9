"""What leaves and what arrives: extracts, envelopes, pairing, the daemon.

Two halves with a wall between them. The desk (card, documents, extract, envelope, desk) runs where the record is
unlocked. The post office (daemon, transport, discovery, status, protocol) sees sealed envelopes only.
"""
