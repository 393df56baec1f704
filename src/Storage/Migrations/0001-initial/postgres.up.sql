-- The whole schema of a PostgreSQL shard. Ids compare by bytes (COLLATE "C"): a collation that changes with the
-- operating system would silently break the indexes.

CREATE TABLE database_info (
  id             int  PRIMARY KEY CHECK (id = 1),
  environment_id text NOT NULL,
  base_currency  text NOT NULL CHECK (length(base_currency) = 3),
  partitions     int  NOT NULL CHECK (partitions >= 1),
  clock_mode     text NOT NULL CHECK (clock_mode IN ('wall', 'events')),
  time_zone      text NOT NULL,
  was_served     boolean NOT NULL
);

-- The fence. Every commit updates it in place: free space in the page keeps that inside the page, and vacuum comes
-- early because a few hundred dead versions of 65 rows already slow every commit.
CREATE TABLE partition (
  id           int    PRIMARY KEY CHECK (id >= -1),
  epoch        bigint NOT NULL CHECK (epoch >= 0),
  seq          bigint NOT NULL CHECK (seq >= 0),
  head_hash    bytea  NOT NULL CHECK (octet_length(head_hash) = 32),
  snapshot_seq bigint NOT NULL CHECK (snapshot_seq BETWEEN 0 AND seq)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Append only; pruned by dropping a range, never by DELETE. The range column has to be in the key.
CREATE TABLE journal (
  period    int    NOT NULL,
  partition int    NOT NULL,
  seq       bigint NOT NULL CHECK (seq >= 1),
  epoch     bigint NOT NULL,
  payload   bytea  NOT NULL,
  crc       bigint NOT NULL,
  PRIMARY KEY (period, partition, seq)
) PARTITION BY RANGE (period);
-- Frames are dense already: compressing them costs processor time and saves nothing.
ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL;

-- The ranges that exist, in order: frames are read range by range through the key of each.
CREATE TABLE journal_period (
  period int PRIMARY KEY
);

CREATE TABLE message (
  sender   int    NOT NULL,
  receiver int    NOT NULL,
  number   bigint NOT NULL,
  body     bytea  NOT NULL,
  PRIMARY KEY (sender, receiver, number)
);

-- Names of customers live here and never in frames, so that they can be erased.
CREATE TABLE party (
  customer text COLLATE "C" PRIMARY KEY CHECK (octet_length(customer) BETWEEN 1 AND 512),
  name     text NOT NULL
);

-- Snapshot and report, written lazily; never ahead of the journal.
CREATE TABLE account (
  partition int    NOT NULL,
  slot      int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  epoch     bigint NOT NULL,
  as_of_seq bigint NOT NULL,
  state     bytea  NOT NULL,
  checksum  bigint NOT NULL,
  report    json   NOT NULL,
  PRIMARY KEY (partition, slot)
) WITH (fillfactor = 60);

-- What follows from entries and is no account. The row at partition.snapshot_seq is where recovery starts.
CREATE TABLE partition_state (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  bytes     bytea  NOT NULL,
  PRIMARY KEY (partition, seq)
);

-- Rows that people and auditors look for, keyed by their entry. One shape. The type json keeps the text as it came.

CREATE TABLE decision (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX decision_in_order ON decision (at, partition, seq, idx, ordinal);

CREATE TABLE hold (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX hold_in_order ON hold (at, partition, seq, idx, ordinal);

CREATE TABLE signal (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX signal_in_order ON signal (at, partition, seq, idx, ordinal);

CREATE TABLE limit_change (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX limit_change_in_order ON limit_change (at, partition, seq, idx, ordinal);

CREATE TABLE audit (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX audit_in_order ON audit (at, partition, seq, idx, ordinal);

CREATE TABLE outbox (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX outbox_in_order ON outbox (at, partition, seq, idx, ordinal);

CREATE TABLE dead_letter (
  partition int    NOT NULL,
  seq       bigint NOT NULL,
  idx       int    NOT NULL,
  ordinal   int    NOT NULL,
  customer  text   COLLATE "C" NOT NULL CHECK (octet_length(customer) <= 512),
  subject   text   COLLATE "C" NOT NULL CHECK (octet_length(subject) <= 1024),
  kind      text   COLLATE "C" NOT NULL CHECK (octet_length(kind) <= 256),
  at        bigint NOT NULL,
  key       bigint NOT NULL,
  body      json   NOT NULL,
  PRIMARY KEY (partition, seq, idx, ordinal)
);
CREATE INDEX dead_letter_in_order ON dead_letter (at, partition, seq, idx, ordinal);

-- A caller's key finds its decision; most rows of the other tables have none.
CREATE INDEX decision_by_key ON decision (key, at) WHERE key <> 0;

-- The last statement of every commit. Locks its rows in id order, so that two commits cannot wait for each other;
-- NO KEY UPDATE, so that the FOR KEY SHARE of a snapshot does not stall a commit. A row that moved in the meantime is
-- looked at again after the wait (READ COMMITTED) and misses. The raise is what rolls the batch back: an UPDATE that
-- matches no row is no error, and the rows inserted before it would commit.
-- SQLSTATE EM001; the message ends in one item per partition that missed, "id,epoch,seq,hash is equal" joined by ";"
-- (not the DETAIL, which drivers hide, because the server puts contents of rows there).
CREATE FUNCTION fence(ids int[], epochs bigint[], seqs bigint[], hashes bytea[], new_hashes bytea[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  moved  int[];
  missed text;
BEGIN
  PERFORM 1 FROM partition p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
  WITH matched AS (
    UPDATE partition p SET seq = u.seq + 1, head_hash = u.new_hash
      FROM unnest(ids, epochs, seqs, hashes, new_hashes) AS u(id, epoch, seq, hash, new_hash)
     WHERE p.id = u.id AND p.epoch = u.epoch AND p.seq = u.seq AND p.head_hash = u.hash
    RETURNING p.id)
  SELECT array_agg(id) INTO moved FROM matched;
  IF cardinality(moved) = cardinality(ids) THEN
    RETURN;
  END IF;
  SELECT string_agg(concat_ws(',', u.id, coalesce(p.epoch, -1), coalesce(p.seq, -1),
                              (coalesce(p.head_hash = u.hash, false))::int), ';' ORDER BY u.id)
    INTO missed
    FROM unnest(ids, hashes) AS u(id, hash)
    LEFT JOIN partition p ON p.id = u.id
   WHERE u.id <> ALL (coalesce(moved, '{}'));
  RAISE EXCEPTION 'fenced: %', missed USING ERRCODE = 'EM001';
END $$;

-- The first statement of every snapshot. Holds the row until the end, so that an open (FOR UPDATE) waits for it or
-- comes first; does not stall commits. SQLSTATE EM002: the epoch is another, or an as-of is ahead of the journal.
CREATE FUNCTION snapshot_guard(partition_id int, expected_epoch bigint, newest_as_of bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM partition p
    WHERE p.id = partition_id AND p.epoch = expected_epoch AND p.seq >= newest_as_of FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'fenced' USING ERRCODE = 'EM002';
  END IF;
END $$;

-- Makes the range of a month. A plain table that is then attached, because CREATE TABLE … PARTITION OF would lock the
-- whole journal against reading. The advisory lock orders writers that meet a new month at the same instant.
CREATE FUNCTION make_journal_period(month int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(4920613, month);
  IF EXISTS (SELECT 1 FROM journal_period WHERE period = month) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE journal_%s (LIKE journal INCLUDING ALL)', month);
  EXECUTE format('ALTER TABLE journal ATTACH PARTITION journal_%s FOR VALUES FROM (%s) TO (%s)', month, month, month + 1);
  INSERT INTO journal_period (period) VALUES (month);
END $$;
