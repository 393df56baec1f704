-- How the states of snapshots are compressed: lz4, or not at all on a server that was built without it.
DO $$
BEGIN
  ALTER TABLE account ALTER COLUMN state SET COMPRESSION lz4;
  ALTER TABLE partition_state ALTER COLUMN bytes SET COMPRESSION lz4;
  ALTER TABLE base_account ALTER COLUMN state SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  ALTER TABLE account ALTER COLUMN state SET STORAGE EXTERNAL;
  ALTER TABLE partition_state ALTER COLUMN bytes SET STORAGE EXTERNAL;
  ALTER TABLE base_account ALTER COLUMN state SET STORAGE EXTERNAL;
END $$;
