-- Returns one row per thing that is missing; must return none.
WITH expected(type, name) AS (VALUES ('view', 'outbox'), ('index', 'decision_in_order'), ('index', 'decision_by_customer'),
  ('index', 'decision_by_subject'), ('index', 'decision_by_key'), ('index', 'hold_in_order'), ('index', 'hold_by_customer'),
  ('index', 'hold_by_subject'))
SELECT type || ' ' || name || ' is missing' FROM expected WHERE (type, name) NOT IN (SELECT type, name FROM sqlite_schema);
