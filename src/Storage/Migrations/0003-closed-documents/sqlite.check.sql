-- Returns one row per table that is missing; must return none.
SELECT 'table closed_document is missing'
WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'closed_document');
