-- Returns one row per thing that is missing; must return none.
SELECT 'table database_shard is missing' WHERE to_regclass('database_shard') IS NULL
UNION ALL
SELECT 'the row of database_shard is missing' WHERE NOT EXISTS (SELECT 1 FROM database_shard WHERE id = 1);
