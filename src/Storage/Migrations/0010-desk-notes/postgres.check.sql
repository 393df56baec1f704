-- Returns one row per table that is missing; must return none.
SELECT 'table ' || name || ' is missing' FROM (VALUES ('desk_note')) AS expected(name) WHERE to_regclass(name) IS NULL;
