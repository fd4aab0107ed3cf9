"""The tables of `record.db`, as a list of migrations that is only ever appended to.

Identifiers are 16 random bytes. `num` is a local number that never leaves this file. An entry's identifier is that of
its first version, so a statement that was never amended costs one identifier.
"""

from localstore import upgrading
from localstore.opening import Migration

APPLICATION_ID = 0x434F4E31  # "CON1": the identity row of a Confrère record

_FIRST: Migration = (
    """CREATE TABLE practice (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id BLOB NOT NULL, incarnation BLOB NOT NULL,
        name TEXT NOT NULL, town TEXT NOT NULL, created TEXT NOT NULL)""",
    """CREATE TABLE user (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, rpps TEXT NOT NULL,
        profession TEXT NOT NULL, role TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL, made TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE author (num INTEGER PRIMARY KEY, name TEXT NOT NULL, rpps TEXT NOT NULL, UNIQUE (name, rpps))",
    "CREATE TABLE origin (num INTEGER PRIMARY KEY, provenance TEXT NOT NULL, words TEXT NOT NULL, key TEXT NOT NULL,"
    " UNIQUE (provenance, words, key))",
    # One row per version. `entry` is the num of the first version known here; `entry_id` is NULL unless the entry
    # began elsewhere with a version that never came. `patient` is the num of the patient's first version, NULL for what
    # an import brought that belongs to no patient (a hospital, a practitioner).
    """CREATE TABLE version (
        num INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        entry INTEGER NOT NULL REFERENCES version (num),
        entry_id BLOB,
        patient INTEGER REFERENCES version (num),
        kind TEXT NOT NULL, date TEXT NOT NULL, recorded TEXT NOT NULL,
        author INTEGER NOT NULL REFERENCES author (num),
        origin INTEGER NOT NULL REFERENCES origin (num),
        status TEXT NOT NULL, sensitivity TEXT NOT NULL,
        current INTEGER NOT NULL,
        body BLOB NOT NULL)""",
    "CREATE INDEX version_of_patient ON version (patient)",
    "CREATE INDEX version_of_entry ON version (entry) WHERE entry <> num",
    "CREATE INDEX version_by_entry_id ON version (entry_id) WHERE entry_id IS NOT NULL",
    # Parents are named by identifier: a version may arrive before the one that it replaces.
    """CREATE TABLE parent (
        child INTEGER NOT NULL REFERENCES version (num), parent BLOB NOT NULL,
        PRIMARY KEY (child, parent)) WITHOUT ROWID""",
    "CREATE INDEX child_of ON parent (parent)",
    # The verbatim resource of an imported version, compressed with a dictionary learnt from this practice's imports.
    "CREATE TABLE dictionary (num INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    """CREATE TABLE source (
        version INTEGER PRIMARY KEY REFERENCES version (num),
        dictionary INTEGER REFERENCES dictionary (num),
        url TEXT,
        data BLOB NOT NULL)""",
    # The names that a source goes by, hashed, to recognise it when it comes again.
    """CREATE TABLE source_key (
        owner INTEGER NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL REFERENCES version (num),
        PRIMARY KEY (owner, key, version)) WITHOUT ROWID""",
    # What belongs to no patient (a hospital, a practitioner) and came in the file of one: it leaves with his export.
    """CREATE TABLE came_with (
        patient INTEGER NOT NULL REFERENCES version (num), version INTEGER NOT NULL REFERENCES version (num),
        PRIMARY KEY (patient, version)) WITHOUT ROWID""",
    # The list of patients. `shown` is the version of the identity that it shows, also where several stand.
    """CREATE TABLE patient (
        num INTEGER PRIMARY KEY REFERENCES version (num), shown INTEGER NOT NULL REFERENCES version (num),
        id BLOB NOT NULL, family_name TEXT NOT NULL, given_names TEXT NOT NULL,
        birth_date TEXT NOT NULL, sex TEXT NOT NULL, ins TEXT NOT NULL, sort_name TEXT NOT NULL)""",
    "CREATE INDEX patient_by_name ON patient (sort_name)",
    "CREATE VIRTUAL TABLE patient_words USING fts5 (words, tokenize = 'unicode61', prefix = '1 2 3', detail = none)",
    "INSERT INTO patient_words (patient_words, rank) VALUES ('secure-delete', 1)",
    """CREATE TABLE history (
        num INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
        patient INTEGER, subject TEXT NOT NULL, detail TEXT NOT NULL,
        previous BLOB NOT NULL, hash BLOB NOT NULL)""",
    "CREATE INDEX history_of_patient ON history (patient)",
)

_SHARING: Migration = (
    """CREATE TABLE colleague (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
        state TEXT NOT NULL, name TEXT NOT NULL, rpps TEXT NOT NULL,
        signing_key BLOB NOT NULL UNIQUE, card BLOB NOT NULL, added TEXT NOT NULL, verified TEXT NOT NULL)""",
    """CREATE TABLE consent (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
        patient INTEGER NOT NULL REFERENCES version (num),
        colleague INTEGER NOT NULL REFERENCES colleague (num),
        terms BLOB NOT NULL, granted TEXT NOT NULL, revoked TEXT NOT NULL)""",
    "CREATE INDEX consent_of_patient ON consent (patient)",
    # What this practice signed and sealed, in the order of each feed; `envelope` is dropped once the postbox has it.
    """CREATE TABLE outgoing (
        feed BLOB NOT NULL, sequence INTEGER NOT NULL,
        colleague INTEGER NOT NULL REFERENCES colleague (num),
        type TEXT NOT NULL, made TEXT NOT NULL, patient INTEGER, consent INTEGER,
        document_id BLOB NOT NULL, entries INTEGER NOT NULL, opened TEXT NOT NULL,
        removed TEXT NOT NULL, envelope BLOB,
        PRIMARY KEY (feed, sequence)) WITHOUT ROWID""",
    """CREATE TABLE epoch (
        id BLOB NOT NULL, colleague INTEGER NOT NULL REFERENCES colleague (num), direction TEXT NOT NULL,
        key BLOB NOT NULL, made TEXT NOT NULL, PRIMARY KEY (direction, colleague, id)) WITHOUT ROWID""",
    # What arrived and was opened: the signed bytes as they were signed, or the reason why it was set aside.
    """CREATE TABLE received (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
        colleague INTEGER REFERENCES colleague (num),
        feed BLOB NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL,
        arrived TEXT NOT NULL, reason TEXT NOT NULL, patient INTEGER, document BLOB NOT NULL,
        UNIQUE (feed, sequence))""",
)

# Users, a signed history with sealed months, a count of commits for the head, and heads that colleagues keep.
_VAULT: Migration = (
    "ALTER TABLE user ADD COLUMN until TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE user ADD COLUMN removed TEXT NOT NULL DEFAULT ''",
    # In whose name the practice's card speaks. The first release knew one user.
    "ALTER TABLE practice ADD COLUMN founder TEXT NOT NULL DEFAULT ''",
    "UPDATE practice SET founder = coalesce((SELECT id FROM user ORDER BY id LIMIT 1), '')",
    """CREATE TABLE user_key (
        num INTEGER PRIMARY KEY, user TEXT NOT NULL REFERENCES user (id),
        signing BLOB NOT NULL UNIQUE, sealing BLOB NOT NULL, voucher BLOB NOT NULL,
        made TEXT NOT NULL, ended TEXT NOT NULL)""",
    "ALTER TABLE history RENAME TO unsigned_history",
    # `key`, `signature`, `versions` and `content` are NULL in lines that the first release wrote.
    """CREATE TABLE history (
        num INTEGER PRIMARY KEY,
        at TEXT NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
        patient INTEGER, subject TEXT NOT NULL, detail TEXT NOT NULL,
        previous BLOB NOT NULL, hash BLOB NOT NULL,
        key INTEGER REFERENCES user_key (num), signature BLOB, versions INTEGER, content BLOB)""",
    "INSERT INTO history (num, at, user, action, patient, subject, detail, previous, hash)"
    " SELECT num, at, user, action, patient, subject, detail, previous, hash FROM unsigned_history ORDER BY num",
    "DROP TABLE unsigned_history",
    "CREATE INDEX history_of_patient ON history (patient)",
    """CREATE TABLE segment (
        num INTEGER PRIMARY KEY, month TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        previous BLOB NOT NULL, hash BLOB NOT NULL, versions INTEGER, content BLOB,
        key INTEGER NOT NULL REFERENCES user_key (num), signature BLOB NOT NULL, dropped TEXT NOT NULL)""",
    "CREATE TABLE tally (one INTEGER PRIMARY KEY CHECK (one = 1), commits INTEGER NOT NULL)",
    "INSERT INTO tally VALUES (1, 0)",
    # `theirs`: the newest head that a colleague gave us to keep. `ours_…`: the newest of ours that he gave back.
    """CREATE TABLE anchor (
        colleague INTEGER PRIMARY KEY REFERENCES colleague (num), theirs BLOB NOT NULL,
        ours_commits INTEGER NOT NULL, ours_line INTEGER NOT NULL, ours_hash BLOB NOT NULL, at TEXT NOT NULL)""",
)

# What a general practice keeps and asks: blocks, an index of meaning, merged records, files in pieces, terms, erasure.
_CLINIC: Migration = (
    # Without columns (`detail = none`) FTS5 with secure-delete loses words of a later row, where one transaction
    # rewrites a row and adds one after it: patients were not found by a name that they share. Built anew.
    "DROP TABLE patient_words",
    "CREATE VIRTUAL TABLE patient_words USING fts5 (words, tokenize = 'unicode61', prefix = '1 2 3', detail = column)",
    "INSERT INTO patient_words (patient_words, rank) VALUES ('secure-delete', 1)",
    "ALTER TABLE patient ADD COLUMN deceased TEXT NOT NULL DEFAULT ''",  # as the identity has it: a date, or `yes`
    upgrading.list_patients,
    # The bodies and the verbatim sources of versions that came together. Such a version has an empty body of its own,
    # and no moment: that is the block's. Empty words for status and sensitivity are `final` and `normal`.
    """CREATE TABLE block (
        num INTEGER PRIMARY KEY, patient INTEGER REFERENCES version (num) DEFERRABLE INITIALLY DEFERRED,
        recorded TEXT NOT NULL, digest BLOB NOT NULL, bodies BLOB NOT NULL, sources BLOB NOT NULL)""",
    "CREATE INDEX block_of_patient ON block (patient)",
    "ALTER TABLE version ADD COLUMN block INTEGER REFERENCES block (num)",
    "ALTER TABLE version ADD COLUMN place INTEGER",
    # What an entry is about. Concepts are written once.
    "ALTER TABLE version ADD COLUMN concept INTEGER",
    # Whether it holds (0), is over (1), or is denied (2).
    "ALTER TABLE version ADD COLUMN stance INTEGER NOT NULL DEFAULT 0",
    # The date, which may be partial, after which it holds no more.
    "ALTER TABLE version ADD COLUMN until TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE concept (num INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, body BLOB NOT NULL, label TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE concept_words USING fts5 (words, tokenize = 'unicode61', prefix = '2 3', detail = column)",
    "INSERT INTO concept_words (concept_words, rank) VALUES ('secure-delete', 1)",
    """CREATE TABLE concept_code (
        code TEXT NOT NULL, system TEXT NOT NULL, concept INTEGER NOT NULL REFERENCES concept (num),
        PRIMARY KEY (code, system, concept)) WITHOUT ROWID""",
    """CREATE TABLE measured (
        concept INTEGER NOT NULL REFERENCES concept (num), version INTEGER NOT NULL REFERENCES version (num),
        value REAL NOT NULL, unit TEXT NOT NULL, bound TEXT NOT NULL, PRIMARY KEY (concept, version)) WITHOUT ROWID""",
    "CREATE VIRTUAL TABLE entry_words USING fts5 (words, tokenize = 'unicode61', detail = column)",
    "INSERT INTO entry_words (entry_words, rank) VALUES ('secure-delete', 1)",
    upgrading.fill_blocks,
    "UPDATE version SET status = '' WHERE status = 'final'",
    "UPDATE version SET sensitivity = '' WHERE sensitivity = 'normal'",
    "DROP TABLE source",
    "DROP TABLE dictionary",
    "CREATE INDEX version_about ON version (concept) WHERE concept IS NOT NULL",
    "CREATE INDEX appointment_on ON version (date) WHERE kind = 'appointment'",
    "CREATE INDEX recall_on ON version (date) WHERE kind = 'recall'",
    # The names, hashed, of patients and of what belongs to none. Those of a patient's own follow from his blocks.
    """CREATE TABLE source_name (
        key BLOB NOT NULL, version INTEGER NOT NULL REFERENCES version (num),
        PRIMARY KEY (key, version)) WITHOUT ROWID""",
    "INSERT INTO source_name (key, version) SELECT key, version FROM source_key WHERE owner = 0",
    "DROP TABLE source_key",
    # Two records of one person, read as one: `patient` was merged into `kept`.
    """CREATE TABLE same_person (
        patient INTEGER PRIMARY KEY REFERENCES version (num), kept INTEGER NOT NULL REFERENCES version (num),
        at TEXT NOT NULL)""",
    "CREATE INDEX same_person_kept ON same_person (kept)",
    # Files, in pieces.
    """CREATE TABLE attachment (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
        patient INTEGER REFERENCES version (num) DEFERRABLE INITIALLY DEFERRED,
        size INTEGER NOT NULL, digest BLOB NOT NULL)""",
    "CREATE INDEX attachment_of_patient ON attachment (patient)",
    """CREATE TABLE chunk (
        attachment INTEGER NOT NULL REFERENCES attachment (num), place INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (attachment, place)) WITHOUT ROWID""",
    # Files that are being written, and that no version refers to yet: what a crash leaves of them is swept.
    "CREATE TABLE unsettled (attachment INTEGER PRIMARY KEY REFERENCES attachment (num) ON DELETE CASCADE)",
    # Tables of codes that the user imported.
    """CREATE TABLE terminology (
        num INTEGER PRIMARY KEY, system TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
        rows INTEGER NOT NULL, imported TEXT NOT NULL, UNIQUE (system, name))""",
    """CREATE TABLE term (
        num INTEGER PRIMARY KEY, terminology INTEGER NOT NULL REFERENCES terminology (num),
        code TEXT NOT NULL, label TEXT NOT NULL)""",
    "CREATE INDEX term_by_code ON term (terminology, code)",
    "CREATE VIRTUAL TABLE term_words USING fts5 (words, tokenize = 'unicode61', prefix = '2 3', detail = column)",
    # Records that left this file, erased for good or kept in archive.db: how many versions, a digest over theirs, one
    # over what the archive keeps.
    """CREATE TABLE removal (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, at TEXT NOT NULL,
        versions INTEGER NOT NULL, digest BLOB NOT NULL, kept BLOB NOT NULL)""",
    "CREATE TABLE removed_patient (num INTEGER PRIMARY KEY, id BLOB NOT NULL, removal INTEGER NOT NULL"
    " REFERENCES removal (num))",
    "CREATE INDEX removed_patient_of ON removed_patient (removal)",
    # The digest of each version that left, in its place in the chain of contents.
    "CREATE TABLE erased (num INTEGER PRIMARY KEY, digest BLOB NOT NULL, removal INTEGER NOT NULL"
    " REFERENCES removal (num))",
    "CREATE INDEX erased_with ON erased (removal)",
    # What is left of a consent outlives the record of its patient: a withdrawal must reach who holds an extract.
    """CREATE TABLE lasting_consent (
        num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, patient INTEGER NOT NULL,
        colleague INTEGER NOT NULL REFERENCES colleague (num),
        terms BLOB NOT NULL, granted TEXT NOT NULL, revoked TEXT NOT NULL)""",
    "INSERT INTO lasting_consent SELECT num, id, patient, colleague, terms, granted, revoked FROM consent",
    "DROP TABLE consent",
    "ALTER TABLE lasting_consent RENAME TO consent",
    "CREATE INDEX consent_of_patient ON consent (patient)",
)

# Trust between practices over time: keys that change, documents sealed anew, standing consents, words passed on.
_TRUST: Migration = (
    # A card under another key that came for a colleague who is known: nothing moves until a person has decided.
    # `former` is his state before.
    "ALTER TABLE colleague ADD COLUMN pending BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE colleague ADD COLUMN former TEXT NOT NULL DEFAULT ''",
    # The last addresses that a card of his named, one on each line: the cards that follow it by themselves name none.
    "ALTER TABLE colleague ADD COLUMN addresses TEXT NOT NULL DEFAULT ''",
    # Under which epoch a document was sealed; when its recipient said that he can no longer read it, and what became of
    # that, empty while it waits for another key of his. With row numbers: in a table that is its own index an envelope
    # of one KiB takes a page to itself, and another when it is dropped. `digest` is over what travelled of a record.
    # `instead`: the empty document that is about to take its place in the postbox, until the record knows that it has.
    """CREATE TABLE sent (
        feed BLOB NOT NULL, sequence INTEGER NOT NULL,
        colleague INTEGER NOT NULL REFERENCES colleague (num),
        type TEXT NOT NULL, made TEXT NOT NULL, patient INTEGER, consent INTEGER,
        document_id BLOB NOT NULL, entries INTEGER NOT NULL, opened TEXT NOT NULL,
        removed TEXT NOT NULL, envelope BLOB, epoch BLOB NOT NULL DEFAULT x'',
        unreadable TEXT NOT NULL DEFAULT '', anew TEXT NOT NULL DEFAULT '',
        digest BLOB NOT NULL DEFAULT x'', instead BLOB,
        PRIMARY KEY (feed, sequence))""",
    "INSERT INTO sent (feed, sequence, colleague, type, made, patient, consent, document_id, entries, opened, removed,"
    " envelope) SELECT feed, sequence, colleague, type, made, patient, consent, document_id, entries, opened, removed,"
    " envelope FROM outgoing ORDER BY made, feed, sequence",
    "DROP TABLE outgoing",
    "ALTER TABLE sent RENAME TO outgoing",
    "CREATE INDEX outgoing_waiting ON outgoing (feed, sequence) WHERE envelope IS NOT NULL",
    "CREATE INDEX outgoing_instead ON outgoing (feed, sequence) WHERE instead IS NOT NULL",
    "CREATE INDEX outgoing_unreadable ON outgoing (colleague) WHERE unreadable <> '' AND anew = ''",
    # When a later epoch took its place; its key is deleted as soon as nothing needs it.
    "ALTER TABLE epoch ADD COLUMN ended TEXT NOT NULL DEFAULT ''",
    # What a standing consent has last sent: a digest over the content, so that only a change goes out; `mark` says how
    # far the record had come when that was last compared, so that nothing is read where nothing was written.
    "CREATE TABLE followed (consent INTEGER PRIMARY KEY REFERENCES consent (num), digest BLOB NOT NULL,"
    " mark TEXT NOT NULL, at TEXT NOT NULL)",
    "CREATE INDEX outgoing_under ON outgoing (consent) WHERE consent IS NOT NULL",
    "CREATE INDEX received_withdrawal ON received (colleague) WHERE type = 'withdrawal'",
    # What letters held that were sent: the letter in place 0, then what was enclosed; and which letter each answers.
    "CREATE TABLE enclosed (document BLOB NOT NULL, place INTEGER NOT NULL, entry BLOB NOT NULL,"
    " PRIMARY KEY (document, place)) WITHOUT ROWID",
    "CREATE TABLE answered (document BLOB PRIMARY KEY, letter BLOB NOT NULL) WITHOUT ROWID",
    # Versions that were taken over with their author's word (`sync.papers.documents.Original`, as MessagePack).
    "CREATE TABLE original (version INTEGER PRIMARY KEY REFERENCES version (num) ON DELETE CASCADE,"
    " word BLOB NOT NULL)",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _SHARING, _VAULT, _CLINIC, _TRUST)
