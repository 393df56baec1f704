-- Returns a row when the column is missing; must return none.
SELECT 'column partition_state.event_window is missing' WHERE NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'partition_state' AND column_name = 'event_window');
