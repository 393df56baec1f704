-- Returns one row per column that is still compressed by the server's default; must return none.
SELECT attrelid::regclass || '.' || attname || ' is compressed by default' FROM pg_attribute
WHERE (attrelid, attname) IN (('account'::regclass, 'state'), ('partition_state'::regclass, 'bytes'), ('base_account'::regclass, 'state'))
  AND attcompression <> 'l' AND attstorage <> 'e';
