-- Returns one row per table that is missing; must return none.
WITH expected(name) AS (VALUES ('desk_note'))
SELECT 'table ' || name || ' is missing' FROM expected
WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table');
