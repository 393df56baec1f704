-- Returns one row per table that is missing; must return none.
SELECT 'table closed_document is missing' WHERE to_regclass('closed_document') IS NULL;
