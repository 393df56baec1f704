-- What goes out is said by the row itself: the outbox, which held each such row a second time, becomes a view. Decisions and
-- steps of holds, of which every order writes some, take their body as bytes, and stand in their key: one tree less each.

CREATE TABLE decision_new (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (octet_length(customer) <= 512),
  subject   TEXT    NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      TEXT    NOT NULL CHECK (octet_length(kind) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  goes_out  INTEGER NOT NULL CHECK (goes_out IN (0, 1)),
  body      BLOB    NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO decision_new
SELECT t.partition, t.seq, t.idx, t.ordinal, t.customer, t.subject, t.kind, t.at, t.key,
  EXISTS (SELECT 1 FROM outbox o WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1)),
  CAST(t.body AS BLOB)
FROM decision t;
DROP TABLE decision;
ALTER TABLE decision_new RENAME TO decision;
CREATE INDEX decision_in_order ON decision (at, partition, seq, idx, ordinal);
CREATE INDEX decision_by_customer ON decision (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX decision_by_subject ON decision (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';
CREATE INDEX decision_by_key ON decision (key, at) WHERE key <> 0;

CREATE TABLE hold_new (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  customer  TEXT    NOT NULL CHECK (octet_length(customer) <= 512),
  subject   TEXT    NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      TEXT    NOT NULL CHECK (octet_length(kind) <= 256),
  at        INTEGER NOT NULL,
  key       INTEGER NOT NULL,
  goes_out  INTEGER NOT NULL CHECK (goes_out IN (0, 1)),
  body      BLOB    NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO hold_new
SELECT t.partition, t.seq, t.idx, t.ordinal, t.customer, t.subject, t.kind, t.at, t.key,
  EXISTS (SELECT 1 FROM outbox o WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1)),
  CAST(t.body AS BLOB)
FROM hold t;
DROP TABLE hold;
ALTER TABLE hold_new RENAME TO hold;
CREATE INDEX hold_in_order ON hold (at, partition, seq, idx, ordinal);
CREATE INDEX hold_by_customer ON hold (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX hold_by_subject ON hold (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';

ALTER TABLE signal ADD COLUMN goes_out INTEGER NOT NULL DEFAULT 0 CHECK (goes_out IN (0, 1));
UPDATE signal SET goes_out = 1 WHERE EXISTS (SELECT 1 FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (signal.partition, signal.seq, signal.idx, signal.ordinal + 1));
ALTER TABLE limit_change ADD COLUMN goes_out INTEGER NOT NULL DEFAULT 0 CHECK (goes_out IN (0, 1));
UPDATE limit_change SET goes_out = 1 WHERE EXISTS (SELECT 1 FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (limit_change.partition, limit_change.seq, limit_change.idx, limit_change.ordinal + 1));
ALTER TABLE audit ADD COLUMN goes_out INTEGER NOT NULL DEFAULT 0 CHECK (goes_out IN (0, 1));
UPDATE audit SET goes_out = 1 WHERE EXISTS (SELECT 1 FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (audit.partition, audit.seq, audit.idx, audit.ordinal + 1));
ALTER TABLE dead_letter ADD COLUMN goes_out INTEGER NOT NULL DEFAULT 0 CHECK (goes_out IN (0, 1));
UPDATE dead_letter SET goes_out = 1 WHERE EXISTS (SELECT 1 FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (dead_letter.partition, dead_letter.seq, dead_letter.idx, dead_letter.ordinal + 1));

DROP TABLE outbox;
CREATE VIEW outbox AS
SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body FROM decision WHERE goes_out = 1
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body FROM hold WHERE goes_out = 1
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, CAST(body AS BLOB) AS body FROM signal WHERE goes_out = 1
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, CAST(body AS BLOB) AS body FROM limit_change WHERE goes_out = 1
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, CAST(body AS BLOB) AS body FROM audit WHERE goes_out = 1
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, CAST(body AS BLOB) AS body FROM dead_letter WHERE goes_out = 1;
