-- Returns one row per thing that is missing; must return none.
SELECT 'table decision_page is missing' WHERE to_regclass('decision_page') IS NULL;
