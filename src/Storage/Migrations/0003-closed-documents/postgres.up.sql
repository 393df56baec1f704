-- Identities of closed documents, by the day until which they count from. Append only; deleted by whole days.
CREATE TABLE closed_document (
  partition int    NOT NULL,
  day       int    NOT NULL CHECK (day BETWEEN 0 AND 65535),
  seq       bigint NOT NULL CHECK (seq >= 1),
  bytes     bytea  NOT NULL CHECK (octet_length(bytes) > 0 AND octet_length(bytes) % 14 = 0),
  PRIMARY KEY (partition, day, seq)
);
-- Hashes do not compress.
ALTER TABLE closed_document ALTER COLUMN bytes SET STORAGE EXTERNAL;
