"""The post office: it watches the postbox, keeps a line to each colleague, and opens its door while there are any.

Before the first pairing nothing listens and nothing is announced. What the desk changes in the postbox, from another
process, is seen within a moment by SQLite's own change counter.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path

from zeroconf import Error as ZeroconfError

from localstore import arrivals, postbox
from localstore.arrivals import IncomingLimits
from localstore.clock import Clock
from localstore.database import DatabaseError
from localstore.errors import BadInput, Busy, ConfrereError, DamagedStore
from localstore.postbox import Peer
from localstore.settings import Network
from sync import certificate, knock, status
from sync.discovery import Discovery, identify_among, local_addresses
from sync.door import Correspondent, Door, Household, listen
from sync.errors import NotReached
from sync.exchange import Surroundings
from sync.knock import Knock, Pair
from sync.ledger import Ledger
from sync.line import Line
from sync.patience import Patience
from sync.protocol import Farewell
from sync.tls import Identity
from sync.transport import Address, Link
from sync.worker import PostboxWorker

LOOK_AT_NETWORK = 15.0  # seconds between two looks at our own addresses: a laptop moves between networks
"""


"""
