/* A revocation while an extract is being sent.
 *
 * Three processes over two files, as in sync.desk, sync.withdrawing and localstore.departures:
 *
 *   sharer   one window seals an extract: gate and outgoing row in one commit of the record; then it moves the row
 *            to the postbox (the postbox commits first, then the record's mark).
 *   revoker  another window ends the consent in one commit; then it keeps back what was never offered, or asks for the
 *            removal of what was; it returns.
 *   daemon   marks as offered what the postbox holds, in one commit, before the first byte; then it sends.
 *
 * Each process may be killed between any two commits and begins anew. A transaction is an atomic step, because writers
 * exclude each other; a transaction over both files is two steps that hold the record's lock.
 *
 * Checked exhaustively:
 *   1  no extract is sealed after the revocation was committed
 *   2  after the revocation returned, no send of an extract begins that was not offered before (faults, row 25)
 *   3  in the end the colleague holds no extract without having been asked to remove it
 *   4  nothing waits for ever: the feed is not blocked by what may not leave
 *
 * Planted, by a definition:  -DGATE_ONCE  the gate is not asked in the transaction that seals
 *                            -DREPLACE_OFFERED  an offered envelope is replaced as well
 *                            -DSTUCK  what was moved before a crash is refused at the second asking
 */

#define NONE    0
#define EXTRACT 1
#define EMPTY   2

bool revoked;            /* record: the consent */
byte row = NONE;         /* record: the outgoing document */
bool marked;             /* record: the postbox has it */
bool asked;              /* record: its removal was asked for */
byte box = NONE;         /* postbox: the envelope */
bool offered;            /* postbox: marked before the first byte */
byte sent = NONE;        /* what reached the colleague */
bool returned;           /* the revocation has returned */
bool offered_then;       /* whether the extract was offered when it returned */
bool lock;               /* the record's write lock */
bool sealed_late, late_send;
byte crashes;

#define TAKE atomic { !lock -> lock = true }
#define GIVE lock = false

/* move the row to the postbox: the postbox commits, then the record; killed in between, the row is found again */
inline dispatch() {
    TAKE;
    if
    :: row != NONE && !marked ->
        if
#ifdef STUCK
        :: revoked && row == EXTRACT -> skip
        :: !(revoked && row == EXTRACT) ->
#else
        :: revoked && row == EXTRACT && box == NONE -> skip
        :: !(revoked && row == EXTRACT && box == NONE) ->
#endif
            if
            :: box == NONE -> box = row
            :: else -> skip
            fi;
            if
            :: crashes < 2 -> crashes++; goto killed   /* between the two commits */
            :: marked = true
            fi
        fi
    :: else -> skip
    fi;
    GIVE
}

proctype sharer() {
    bool may;
#ifdef GATE_ONCE
    may = !revoked;
#endif
    TAKE;
#ifndef GATE_ONCE
    may = !revoked;
#endif
    if
    :: may -> row = EXTRACT; if :: revoked -> sealed_late = true :: else -> skip fi
    :: else -> skip
    fi;
    GIVE;
    dispatch();
    goto done;
killed:
    GIVE;                  /* the lock of a killed process is free, and nothing of its change is there */
done:
    skip
}

inline settle() {
    TAKE;
    if
    :: row == EXTRACT && !asked ->
        if
#ifdef REPLACE_OFFERED
        :: box == EXTRACT -> box = EMPTY; row = EMPTY; marked = true
#else
        :: atomic { box == EXTRACT && !offered -> box = EMPTY }; 
            if
            :: crashes < 2 -> crashes++; goto killed   /* the postbox has committed, the record has not */
            :: row = EMPTY; marked = true
            fi
#endif
        :: box == EMPTY -> row = EMPTY; marked = true
        :: box == NONE -> row = EMPTY
#ifndef REPLACE_OFFERED
        :: offered && box == EXTRACT -> asked = true
#endif
        fi
    :: else -> skip
    fi;
    GIVE
}

proctype revoker() {
    TAKE;
    revoked = true;
    GIVE;
again:
    settle();
    dispatch();
    d_step { returned = true; offered_then = offered }
    goto done;
killed:
    GIVE;
    goto again;            /* the next window settles what was interrupted */
done:
    skip
}

proctype daemon() {
    do
    :: d_step { box != NONE && !offered -> offered = true;
           if :: box == EXTRACT && returned -> late_send = true :: else -> skip fi };
       sent = box
    :: offered && sent != NONE -> sent = box   /* the connection was lost: it is sent again */
    :: returned && offered -> break
    :: returned && box == NONE && row == NONE -> break
    :: returned && box == NONE && row == EMPTY && marked -> break
    :: timeout -> break
    od
}

/* what every later opening of the practice does: settle and dispatch, until nothing is left to do */
proctype morning() {
    returned && _nr_pr <= 3;
again:
    settle();
    dispatch();
    goto done;
killed:
    GIVE;
    goto again;
done:
    skip
}

init {
    atomic { run sharer(); run revoker(); run daemon() };
    (returned);
    atomic { _nr_pr <= 2 -> run morning() };
    (_nr_pr == 1);
    assert(!sealed_late);
    assert(!late_send);
    assert(sent != EXTRACT || asked);
    assert(row != EXTRACT || marked || asked);
    assert(row == NONE || marked);
    assert(sent == NONE || box == NONE || sent == box)
}
