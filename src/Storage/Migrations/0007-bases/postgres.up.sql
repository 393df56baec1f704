-- Where the past begins after a pruning: all accounts and the state of each partition at one sequence. Written before ranges go,
-- sealed last, and then never changed. Accounts of a base go only when a newer one is sealed.
CREATE TABLE journal_base (
  number     bigint PRIMARY KEY CHECK (number >= 1),
  before     int    NOT NULL,
  written_at bigint NOT NULL,
  digest     bytea  NOT NULL CHECK (octet_length(digest) = 32)
);

CREATE TABLE base_partition (
  number      bigint NOT NULL CHECK (number >= 1),
  partition   int    NOT NULL,
  seq         bigint NOT NULL CHECK (seq >= 0),
  epoch       bigint NOT NULL CHECK (epoch >= 0),
  head_hash   bytea  NOT NULL CHECK (octet_length(head_hash) = 32),
  at          bigint NOT NULL,
  state       bytea  NOT NULL,
  event_ids   bytea  NOT NULL,
  proof       bytea  NOT NULL,
  rows_digest bytea  NOT NULL CHECK (octet_length(rows_digest) = 32),
  accounts    int    NOT NULL CHECK (accounts >= 0),
  accounts_hash bytea NOT NULL CHECK (octet_length(accounts_hash) = 32),
  digest      bytea  NOT NULL CHECK (octet_length(digest) = 32),
  previous    bytea  NOT NULL CHECK (octet_length(previous) = 32),
  PRIMARY KEY (number, partition)
);

CREATE TABLE base_account (
  number    bigint NOT NULL,
  partition int    NOT NULL,
  slot      int    NOT NULL CHECK (slot >= 0),
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  state     bytea  NOT NULL,
  PRIMARY KEY (number, partition, slot)
);

-- Whatever right a role has: a base never changes, and nothing of a sealed one goes but the accounts that a newer one replaces.
CREATE FUNCTION base_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('UPDATE', 'TRUNCATE') THEN
    RAISE EXCEPTION 'a base never changes';
  ELSIF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT 1 FROM journal_base WHERE number >= new.number) THEN
      RAISE EXCEPTION 'a sealed base takes nothing more';
    END IF;
    RETURN new;
  ELSIF TG_TABLE_NAME = 'journal_base' OR (TG_TABLE_NAME = 'base_partition' AND EXISTS (SELECT 1 FROM journal_base WHERE number = old.number))
        OR (TG_TABLE_NAME = 'base_account' AND old.number = (SELECT max(number) FROM journal_base)) THEN
    RAISE EXCEPTION 'a sealed base stays';
  END IF;
  RETURN old;
END $$;
CREATE TRIGGER journal_base_guard BEFORE UPDATE OR DELETE ON journal_base FOR EACH ROW EXECUTE FUNCTION base_guard();
CREATE TRIGGER base_partition_guard BEFORE INSERT OR UPDATE OR DELETE ON base_partition FOR EACH ROW EXECUTE FUNCTION base_guard();
CREATE TRIGGER base_account_guard BEFORE INSERT OR UPDATE OR DELETE ON base_account FOR EACH ROW EXECUTE FUNCTION base_guard();
CREATE TRIGGER journal_base_truncate BEFORE TRUNCATE ON journal_base FOR EACH STATEMENT EXECUTE FUNCTION base_guard();
CREATE TRIGGER base_partition_truncate BEFORE TRUNCATE ON base_partition FOR EACH STATEMENT EXECUTE FUNCTION base_guard();
CREATE TRIGGER base_account_truncate BEFORE TRUNCATE ON base_account FOR EACH STATEMENT EXECUTE FUNCTION base_guard();
