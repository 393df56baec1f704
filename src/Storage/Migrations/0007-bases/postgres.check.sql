-- Returns one row per thing that is missing; must return none.
SELECT 'table ' || name || ' or its guard is missing' FROM (VALUES ('journal_base'), ('base_partition'), ('base_account')) AS expected(name)
WHERE NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(name) AND tgname = name || '_guard' AND tgenabled <> 'D');
