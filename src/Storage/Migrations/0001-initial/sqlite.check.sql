-- Returns one row per table of the schema that is missing; must return none.
WITH expected(name) AS (VALUES ('database_info'), ('partition'), ('journal'), ('message'), ('party'), ('account'),
  ('partition_state'), ('decision'), ('hold'), ('signal'), ('limit_change'), ('audit'), ('outbox'), ('dead_letter'))
SELECT 'table ' || name || ' is missing' FROM expected
WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table');
