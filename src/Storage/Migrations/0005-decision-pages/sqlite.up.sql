-- The decisions of one frame, packed: every order makes one, and a row of its own with its indexes cost more than the event.
-- The keys stand in front of the body, so that a look-up reads no body that it does not need.
CREATE TABLE decision_page (
  partition INTEGER NOT NULL,
  seq       INTEGER NOT NULL CHECK (seq >= 1),
  first_at  INTEGER NOT NULL,
  decisions INTEGER NOT NULL CHECK (decisions > 0),
  outgoing  INTEGER NOT NULL CHECK (outgoing BETWEEN 0 AND decisions),
  keys      BLOB    NOT NULL CHECK (length(keys) % 4 = 0),
  body      BLOB    NOT NULL,
  PRIMARY KEY (partition, seq)
) STRICT;
CREATE INDEX decision_page_in_order ON decision_page (partition, first_at, seq);
