-- The whole schema of the standalone edition. STRICT tables: a value of another type is refused, not converted.
-- Names and shapes are those of PostgreSQL, so that one description serves both.

CREATE TABLE database_info (
  id             INTEGER PRIMARY KEY CHECK (id = 1),
  environment_id TEXT    NOT NULL,
  base_currency  TEXT    NOT NULL CHECK (length(base_currency) = 3),
  partitions     INTEGER NOT NULL CHECK (partitions >= 1),
  clock_mode     TEXT    NOT NULL CHECK (clock_mode IN ('wall', 'events')),
  time_zone      TEXT    NOT NULL,
  was_served     INTEGER NOT NULL CHECK (was_served IN (0, 1))
) STRICT;

-- The fence: every commit compares and sets (epoch, seq, head_hash) of its partitions here, last.
CREATE TABLE partition (
  id           INTEGER PRIMARY KEY CHECK (id >= -1),
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  seq          INTEGER NOT NULL CHECK (seq >= 0),
  head_hash    BLOB    NOT NULL CHECK (length(head_hash) = 32),
  snapshot_seq INTEGER NOT NULL CHECK (snapshot_seq BETWEEN 0 AND seq)
) STRICT;

-- Append only. A rowid table: payloads fill overflow pages, which a table without rowid would move on every split.
CREATE TABLE journal (
  period    INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL CHECK (seq >= 1),
  epoch     INTEGER NOT NULL,
  payload   BLOB    NOT NULL,
  crc       INTEGER NOT NULL,
  PRIMARY KEY (partition, seq)
) STRICT;

CREATE TABLE message (
  sender   INTEGER NOT NULL,
  receiver INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  body     BLOB    NOT NULL,
  PRIMARY KEY (sender, receiver, number)
) STRICT;

-- Names of customers live here and never in frames, so that they can be erased.
CREATE TABLE party (
  customer TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(customer AS BLOB)) BETWEEN 1 AND 512),
  name     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Snapshot and report, written lazily; never ahead of the journal.
CREATE TABLE account (
  partition INTEGER NOT NULL,
  slot      INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  epoch     INTEGER NOT NULL,
  as_of_seq INTEGER NOT NULL,
  state     BLOB    NOT NULL,
  checksum  INTEGER NOT NULL,
  report    TEXT    NOT NULL CHECK (json_valid(report)),
  PRIMARY KEY (partition, slot)
) STRICT;

-- What follows from entries and is no account. The row at partition.snapshot_seq is where recovery starts.
CREATE TABLE partition_state (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  bytes     BLOB    NOT NULL,
  PRIMARY KEY (partition, seq)
) STRICT;

-- Rows that people and auditors look for, keyed by their entry. One shape.

CREATE TABLE decision (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX decision_in_order ON decision (at, partition, seq, idx, ordinal);

CREATE TABLE hold (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX hold_in_order ON hold (at, partition, seq, idx, ordinal);

CREATE TABLE signal (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX signal_in_order ON signal (at, partition, seq, idx, ordinal);

CREATE TABLE limit_change (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX limit_change_in_order ON limit_change (at, partition, seq, idx, ordinal);

CREATE TABLE audit (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX audit_in_order ON audit (at, partition, seq, idx, ordinal);

CREATE TABLE outbox (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX outbox_in_order ON outbox (at, partition, seq, idx, ordinal);

CREATE TABLE dead_letter (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (length(CAST(customer AS BLOB)) <= 512),
  subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) <= 1024),
  kind      TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  body      TEXT    NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT;
CREATE INDEX dead_letter_in_order ON dead_letter (at, partition, seq, idx, ordinal);

-- A caller's key finds its decision; most rows of the other tables have none.
CREATE INDEX decision_by_key ON decision (key, at) WHERE key <> 0;
