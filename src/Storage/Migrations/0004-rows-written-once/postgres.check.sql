-- Returns one row per thing that is missing; must return none.
SELECT 'view outbox is missing' WHERE NOT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('outbox') AND relkind = 'v');
