-- Returns one row per index that is missing or not usable; must return none.
WITH expected(name) AS (VALUES ('decision_by_customer'), ('hold_by_customer'), ('signal_by_customer'),
  ('limit_change_by_customer'), ('dead_letter_by_customer'), ('decision_by_subject'), ('hold_by_subject'),
  ('audit_by_subject'), ('dead_letter_by_subject'), ('account_by_customer'))
SELECT 'index ' || name || ' is missing or invalid' FROM expected
WHERE NOT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(name) AND indisvalid);
