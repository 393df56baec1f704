-- Returns one row per thing that is missing; must return none.
SELECT 'table decision_page is missing'
WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'decision_page');
