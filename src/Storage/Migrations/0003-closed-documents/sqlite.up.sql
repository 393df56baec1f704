-- Identities of closed documents, by the day until which they count from. Append only; deleted by whole days.
CREATE TABLE closed_document (
  partition INTEGER NOT NULL,
  day       INTEGER NOT NULL CHECK (day BETWEEN 0 AND 65535),
  seq       INTEGER NOT NULL CHECK (seq >= 1),
  bytes     BLOB    NOT NULL CHECK (length(bytes) > 0 AND length(bytes) % 14 = 0),
  PRIMARY KEY (partition, day, seq)
) STRICT, WITHOUT ROWID;
