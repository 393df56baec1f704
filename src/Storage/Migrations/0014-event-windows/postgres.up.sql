-- Hashes compress badly: kept as they are, beside the row.
ALTER TABLE partition_state ADD COLUMN event_window bytea;
ALTER TABLE partition_state ALTER COLUMN event_window SET STORAGE EXTERNAL;
