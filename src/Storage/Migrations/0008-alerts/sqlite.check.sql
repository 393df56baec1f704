-- Returns one row per table that is missing; must return none.
WITH expected(name) AS (VALUES ('alert'), ('alert_note'), ('delivery'), ('alert_channel'), ('silence'), ('alert_since'))
SELECT 'table ' || name || ' is missing' FROM expected
WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table');
