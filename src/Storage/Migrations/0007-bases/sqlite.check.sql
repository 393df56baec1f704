-- Returns one row per thing that is missing; must return none.
WITH expected(type, name) AS (VALUES ('table', 'journal_base'), ('table', 'base_partition'), ('table', 'base_account'),
  ('trigger', 'journal_base_stays'), ('trigger', 'journal_base_kept'), ('trigger', 'base_partition_stays'), ('trigger', 'base_partition_kept'),
  ('trigger', 'base_partition_sealed'), ('trigger', 'base_account_stays'), ('trigger', 'base_account_kept'), ('trigger', 'base_account_sealed'))
SELECT type || ' ' || name || ' is missing' FROM expected WHERE (type, name) NOT IN (SELECT type, name FROM sqlite_schema);
