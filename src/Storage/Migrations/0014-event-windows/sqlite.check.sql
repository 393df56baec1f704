-- Returns a row when the column is missing; must return none.
SELECT 'column partition_state.event_window is missing' WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info('partition_state') WHERE name = 'event_window');
