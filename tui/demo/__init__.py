"""`confrere demo`: two synthetic practices on this machine, end to end, by the real code and two real daemons."""
