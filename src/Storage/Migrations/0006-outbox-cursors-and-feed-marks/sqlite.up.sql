-- How far each reader of what goes out has come. No outbox row has a state of its own.
CREATE TABLE outbox_cursor (
  reader    TEXT    NOT NULL,
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL CHECK (seq >= 1),
  idx       INTEGER NOT NULL,
  ordinal   INTEGER NOT NULL,
  PRIMARY KEY (reader, partition)
) STRICT, WITHOUT ROWID;

-- The feed is open ('*'), and, after an unclean end, which records it is trying and how often the process ended over them.
CREATE TABLE feed_mark (
  stream       TEXT    NOT NULL PRIMARY KEY,
  first_offset INTEGER NOT NULL,
  last_offset  INTEGER NOT NULL,
  deaths       INTEGER NOT NULL CHECK (deaths >= 0)
) STRICT, WITHOUT ROWID;
