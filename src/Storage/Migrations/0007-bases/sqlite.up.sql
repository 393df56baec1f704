-- Where the past begins after a pruning: all accounts and the state of each partition at one sequence. Written before frames go,
-- sealed last, and then never changed. Accounts of a base go only when a newer one is sealed.
CREATE TABLE journal_base (
  number     INTEGER PRIMARY KEY CHECK (number >= 1),
  before     INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  digest     BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE TABLE base_partition (
  number      INTEGER NOT NULL CHECK (number >= 1),
  partition   INTEGER NOT NULL,
  seq         INTEGER NOT NULL CHECK (seq >= 0),
  epoch       INTEGER NOT NULL CHECK (epoch >= 0),
  head_hash   BLOB    NOT NULL CHECK (length(head_hash) = 32),
  at          INTEGER NOT NULL,
  state       BLOB    NOT NULL,
  event_ids   BLOB    NOT NULL,
  proof       BLOB    NOT NULL,
  rows_digest BLOB    NOT NULL CHECK (length(rows_digest) = 32),
  accounts    INTEGER NOT NULL CHECK (accounts >= 0),
  accounts_hash BLOB  NOT NULL CHECK (length(accounts_hash) = 32),
  digest      BLOB    NOT NULL CHECK (length(digest) = 32),
  previous    BLOB    NOT NULL CHECK (length(previous) = 32),
  PRIMARY KEY (number, partition)
) STRICT;

CREATE TABLE base_account (
  number    INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  slot      INTEGER NOT NULL CHECK (slot >= 0),
  customer  TEXT    NOT NULL CHECK (octet_length(customer) <= 512),
  state     BLOB    NOT NULL,
  PRIMARY KEY (number, partition, slot)
) STRICT;

CREATE TRIGGER journal_base_stays BEFORE UPDATE ON journal_base BEGIN SELECT raise(ABORT, 'a base never changes'); END;
CREATE TRIGGER journal_base_kept BEFORE DELETE ON journal_base BEGIN SELECT raise(ABORT, 'a sealed base stays'); END;
CREATE TRIGGER base_partition_stays BEFORE UPDATE ON base_partition BEGIN SELECT raise(ABORT, 'a base never changes'); END;
CREATE TRIGGER base_partition_kept BEFORE DELETE ON base_partition
  WHEN EXISTS (SELECT 1 FROM journal_base WHERE number = old.number) BEGIN SELECT raise(ABORT, 'a sealed base stays'); END;
CREATE TRIGGER base_partition_sealed BEFORE INSERT ON base_partition
  WHEN EXISTS (SELECT 1 FROM journal_base WHERE number >= new.number) BEGIN SELECT raise(ABORT, 'a sealed base takes nothing more'); END;
CREATE TRIGGER base_account_stays BEFORE UPDATE ON base_account BEGIN SELECT raise(ABORT, 'a base never changes'); END;
CREATE TRIGGER base_account_kept BEFORE DELETE ON base_account
  WHEN old.number = (SELECT max(number) FROM journal_base) BEGIN SELECT raise(ABORT, 'a sealed base stays'); END;
CREATE TRIGGER base_account_sealed BEFORE INSERT ON base_account
  WHEN EXISTS (SELECT 1 FROM journal_base WHERE number >= new.number) BEGIN SELECT raise(ABORT, 'a sealed base takes nothing more'); END;
