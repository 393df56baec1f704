-- Returns a row when the column or its index is missing; must return none.
WITH expected(name) AS (VALUES ('alert_tagged'))
SELECT 'index ' || name || ' is missing' FROM expected WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'index')
UNION ALL SELECT 'column alert.tag is missing' WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info('alert') WHERE name = 'tag');
