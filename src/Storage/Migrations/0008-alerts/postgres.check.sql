-- Returns one row per table that is missing; must return none.
SELECT 'table ' || name || ' is missing' FROM (VALUES ('alert'), ('alert_note'), ('delivery'), ('alert_channel'), ('silence'), ('alert_since')) AS expected(name) WHERE to_regclass(name) IS NULL;
