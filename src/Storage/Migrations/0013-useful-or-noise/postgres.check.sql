-- Returns a row when the column or its index is missing; must return none.
SELECT 'index ' || name || ' is missing' FROM (VALUES ('alert_tagged')) AS expected(name) WHERE to_regclass(name) IS NULL
UNION ALL SELECT 'column alert.tag is missing' WHERE NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'alert' AND column_name = 'tag');
