-- The decisions of one frame, packed: every order makes one, and a row of its own with its indexes cost more than the event.
CREATE TABLE decision_page (
  partition int    NOT NULL,
  seq       bigint NOT NULL CHECK (seq >= 1),
  first_at  bigint NOT NULL,
  decisions int    NOT NULL CHECK (decisions > 0),
  outgoing  int    NOT NULL CHECK (outgoing BETWEEN 0 AND decisions),
  keys      bytea  NOT NULL CHECK (octet_length(keys) % 4 = 0),
  body      bytea  NOT NULL,
  PRIMARY KEY (partition, seq)
);
-- Hashes do not compress, and bodies would cost more than they save: both stay as they are.
ALTER TABLE decision_page ALTER COLUMN keys SET STORAGE EXTERNAL, ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX decision_page_in_order ON decision_page (partition, first_at, seq);
