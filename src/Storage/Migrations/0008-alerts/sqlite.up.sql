-- What people are told, beside the journal and under no fence of a partition: a channel has an epoch of its own.
CREATE TABLE alert (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 512),
  customer   TEXT    NOT NULL,
  rule       TEXT    NOT NULL,
  severity   INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
  state      INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  raised_at  INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  partition  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  idx        INTEGER NOT NULL,
  ordinal    INTEGER NOT NULL,
  body       BLOB    NOT NULL,
  handling   INTEGER NOT NULL DEFAULT 0 CHECK (handling BETWEEN 0 AND 2),
  handled_by TEXT    NOT NULL DEFAULT '',
  handled_at INTEGER NOT NULL DEFAULT 0,
  version    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_in_order ON alert (raised_at DESC, id DESC);
CREATE INDEX alert_by_customer ON alert (customer, raised_at DESC, id DESC);
CREATE INDEX alert_firing ON alert (id) WHERE state = 1;

CREATE TABLE alert_note (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  alert  TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  actor  TEXT    NOT NULL,
  act    TEXT    NOT NULL,
  text   TEXT    NOT NULL
) STRICT;
CREATE INDEX alert_note_of_alert ON alert_note (alert, number);

-- The key is the idempotency key of the message: one thing of one alert goes to one channel once.
CREATE TABLE delivery (
  number        INTEGER PRIMARY KEY AUTOINCREMENT,
  alert         TEXT    NOT NULL CHECK (length(alert) BETWEEN 1 AND 512),
  transition    TEXT    NOT NULL CHECK (length(transition) BETWEEN 1 AND 600),
  channel       TEXT    NOT NULL CHECK (length(channel) BETWEEN 1 AND 64),
  route         TEXT    NOT NULL,
  severity      INTEGER NOT NULL,
  state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
  created_at    INTEGER NOT NULL,
  changed_at    INTEGER NOT NULL,
  first_sent_at INTEGER NOT NULL,
  attempts      INTEGER NOT NULL,
  message_id    TEXT    NOT NULL,
  may_be_there  INTEGER NOT NULL,
  answer        TEXT    NOT NULL,
  muted_by      TEXT    NOT NULL,
  UNIQUE (alert, transition, channel)
) STRICT;
-- What waits, of each channel, in order.
CREATE INDEX delivery_open ON delivery (channel, number) WHERE state <= 2;
CREATE INDEX delivery_of_channel ON delivery (channel, number);

CREATE TABLE alert_channel (
  name   TEXT    NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  epoch  INTEGER NOT NULL CHECK (epoch >= 1),
  memory BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
  created_at INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  body       BLOB    NOT NULL,
  version    INTEGER NOT NULL CHECK (version >= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_since (
  partition INTEGER NOT NULL PRIMARY KEY,
  seq       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
