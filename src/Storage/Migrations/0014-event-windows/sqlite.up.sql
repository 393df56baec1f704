ALTER TABLE partition_state ADD COLUMN event_window BLOB;
