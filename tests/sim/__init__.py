"""The simulation: whole practices with their daemons in one process, under a seeded clock, network and disk.

What is real: the record and the postbox (SQLCipher files), the desk, the gate, standing consents, keys that are
renewed, sealing and opening, the sessions of the protocol, the line that calls a colleague, lots. What is simulated,
and drawn from the seed alone:

- time (`loop`): an event loop whose clock jumps to the next thing that happens; each practice's own clock may be wrong;
- the network (`network`): delays, chunks, connections lost at any byte, partitions, links that carry one way only;
- the disk (`disk`): every commit of every process, before or after which the process may die. Between two commits of
  one process another one may work: a second window, or the daemon;
- chance (`dice`): the seed, also in the place of the operating system's generator, so that a seed is one run for ever.

One run (`town`): three to five practices, copies of ones that were founded once (`founding`). The doctors do what comes
to their minds (`deeds`), and things go wrong. Then everything heals, and the laws (`laws`) are checked against what the
simulation itself remembers of patients, consents and revocations (`book`), without asking the code under test:

- nobody ever holds an entry that no consent allowed at the time of sealing;
- what never left before a revocation returned never arrives;
- all that was consented to and sent arrives, everywhere, or is told as lost to a backup that was put back;
- nothing arrives twice, nothing is set aside;
- no false fork; and every true one, of a copied installation, is proved.

Run by hand: `python -m tests.sim --seeds 0:1000` prints the totals, and each seed that broke a law;
`python -m tests.sim --seeds 17:18 --story` tells that one run. `planted` has bugs that the laws must find.

`models` has two models in Promela, checked exhaustively by spin: a revocation while an extract is being sent, and a
feed whose author restored a backup.
"""
