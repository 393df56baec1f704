-- How far each reader of what goes out has come. No outbox row has a state of its own.
CREATE TABLE outbox_cursor (
  reader    text   NOT NULL,
  partition int    NOT NULL,
  seq       bigint NOT NULL CHECK (seq >= 1),
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  PRIMARY KEY (reader, partition)
) WITH (fillfactor = 50);

-- The feed is open ('*'), and, after an unclean end, which records it is trying and how often the process ended over them.
CREATE TABLE feed_mark (
  stream       text   NOT NULL PRIMARY KEY,
  first_offset bigint NOT NULL,
  last_offset  bigint NOT NULL,
  deaths       int    NOT NULL CHECK (deaths >= 0)
) WITH (fillfactor = 50);
