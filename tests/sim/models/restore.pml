/* A feed whose author, or whose reader, restores a backup.
 *
 * One author, one reader, as in localstore.departures, arrivals and incarnations. A document has a name that no other
 * one ever has, whatever a backup forgets; a head is modelled by the name of the last document. Feeds are counted from
 * 0; the author's present one is `cur`. What the reader acknowledged is dropped at the author's: only its name stays.
 *
 * Checked exhaustively, with a backup of each taken and put back at any moment:
 *   1  no false fork: under one number of one feed the reader is never offered another document than he holds
 *   2  no false alarm: no receipt ever states what the author's postbox cannot explain
 *   3  in the end the reader holds all of the feed that is open; and of a feed that ended, what he does not hold is
 *      told as lost, because one of the two restored a backup
 *
 * Planted, by a definition:  -DSAME_FEED  the restored author goes on in his old feed
 *                            -DTRUSTING   what was acknowledged once counts as held for ever
 */

#define FEEDS 4
#define MOST  2                     /* documents of one feed */
#define AT(f, n) ((f) * MOST + (n) - 1)

byte names = 0;                     /* given so far, in the world */
byte feeds = 1;                     /* begun so far, in the world */

byte made[FEEDS];                   /* author: how many documents of each feed his record knows */
byte name[FEEDS * MOST];
byte acked[FEEDS];                  /* author's postbox: acknowledged, and therefore dropped */
bool retired[FEEDS];
byte cur = 0;

byte held[FEEDS];                   /* reader */
byte has[FEEDS * MOST];

/* the backups */
bool a_saved, b_saved, a_restored, b_restored;
byte s_made[FEEDS]; byte s_name[FEEDS * MOST]; byte s_acked[FEEDS]; bool s_retired[FEEDS]; byte s_cur;
byte s_held[FEEDS]; byte s_has[FEEDS * MOST];

bool fork, alarm, gap;
bool lost[FEEDS];                   /* told as lost: of this feed something may never have come */
byte i;

inline write() {
    names < 3 && made[cur] < MOST ->
        names++; made[cur]++; name[AT(cur, made[cur])] = names
}

/* the reader says what he holds, and the author makes sense of it: departures.acknowledge and reconcile */
inline greet() {
    i = 0;
    do
    :: i < feeds && i < FEEDS ->
        if
        :: held[i] > made[i] && retired[i] -> lost[i] = true         /* told: he holds more than is known here */
        :: held[i] > made[i] && !retired[i] -> alarm = true
        :: held[i] <= made[i] && held[i] > 0 && name[AT(i, held[i])] != has[AT(i, held[i])] -> alarm = true
        :: else ->
            if
#ifndef TRUSTING
            :: held[i] < acked[i] && !retired[i] ->                   /* he restored a backup */
                retired[i] = true; lost[i] = true;
                if :: i == cur && feeds < FEEDS -> cur = feeds; feeds++ :: else -> skip fi
#endif
            :: held[i] >= acked[i] && !retired[i] -> acked[i] = held[i]
            :: else -> skip
            fi
        fi;
        i++
    :: else -> break
    od
}

/* one document of the open feed, and its receipt */
inline offer() {
#ifdef TRUSTING
    !retired[cur] && acked[cur] < made[cur] ->
        i = acked[cur] + 1;
#else
    !retired[cur] && held[cur] >= acked[cur] && held[cur] < made[cur] ->
        i = held[cur] + 1;
#endif
        if
        :: i <= held[cur] && has[AT(cur, i)] != name[AT(cur, i)] -> fork = true
        :: i == held[cur] + 1 ->
            held[cur] = i; has[AT(cur, i)] = name[AT(cur, i)];
            if :: acked[cur] = i :: skip fi                           /* the receipt may be lost */
        :: i > held[cur] + 1 -> gap = true
        :: else -> skip
        fi;
        i = 0
}

#define COPY(to, from, n) i = 0; do :: i < (n) -> to[i] = from[i]; i++ :: else -> break od; i = 0

active proctype world() {
    do
    :: d_step { write() }
    :: atomic { greet(); i = 0 }
    :: atomic { offer() }
    :: atomic { !a_saved -> a_saved = true; COPY(s_made, made, FEEDS); COPY(s_name, name, FEEDS * MOST);
           COPY(s_acked, acked, FEEDS); COPY(s_retired, retired, FEEDS); s_cur = cur }
    :: atomic { !b_saved -> b_saved = true; COPY(s_held, held, FEEDS); COPY(s_has, has, FEEDS * MOST) }
    :: atomic { a_saved && !a_restored && feeds < FEEDS - 1 -> a_restored = true;
           COPY(made, s_made, FEEDS); COPY(name, s_name, FEEDS * MOST); COPY(acked, s_acked, FEEDS);
           COPY(retired, s_retired, FEEDS);
#ifdef SAME_FEED
           cur = s_cur
#else
           i = 0;
           do :: i < feeds && i < FEEDS -> retired[i] = true; lost[i] = true; i++ :: else -> break od;
           i = 0; cur = feeds; feeds++
#endif
         }
    :: atomic { b_saved && !b_restored -> b_restored = true;
           COPY(held, s_held, FEEDS); COPY(has, s_has, FEEDS * MOST) }
    :: break
    od;
    /* everything heals: they meet until nothing moves */
    do
    :: atomic { greet(); i = 0 };
        if
        :: atomic { offer() }
        :: else -> break
        fi
    od;
    atomic { greet(); i = 0 };
    assert(!fork);
    assert(!alarm);
    assert(!gap);
    assert(retired[cur] || held[cur] == made[cur]);
    i = 0;
    do
    :: i < feeds && i < FEEDS -> assert(held[i] >= made[i] || lost[i]); i++
    :: else -> break
    od
}
