-- What goes out is said by the row itself: the outbox, which held each such row a second time, becomes a view. Decisions and
-- steps of holds, of which every order writes some, take their body as bytes.

ALTER TABLE decision ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE decision t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE hold ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE hold t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE signal ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE signal t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE limit_change ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE limit_change t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE audit ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE audit t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE dead_letter ADD COLUMN goes_out boolean NOT NULL DEFAULT false;
UPDATE dead_letter t SET goes_out = true FROM outbox o
  WHERE (o.partition, o.seq, o.idx, o.ordinal) = (t.partition, t.seq, t.idx, t.ordinal + 1);
ALTER TABLE decision ALTER COLUMN body TYPE bytea USING convert_to(body::text, 'UTF8');
ALTER TABLE hold ALTER COLUMN body TYPE bytea USING convert_to(body::text, 'UTF8');

DROP TABLE outbox;
CREATE VIEW outbox AS
SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body FROM decision WHERE goes_out
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body FROM hold WHERE goes_out
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, convert_to(body::text, 'UTF8') AS body FROM signal WHERE goes_out
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, convert_to(body::text, 'UTF8') AS body FROM limit_change WHERE goes_out
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, convert_to(body::text, 'UTF8') AS body FROM audit WHERE goes_out
UNION ALL SELECT partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, convert_to(body::text, 'UTF8') AS body FROM dead_letter WHERE goes_out;
