-- Returns one row per thing that is missing; must return none.
SELECT 'table ' || name || ' is missing'
  FROM (VALUES ('orleansquery'), ('orleansmembershipversiontable'), ('orleansmembershiptable'), ('orleansreminderstable'), ('orleansstorage')) AS expected(name)
 WHERE to_regclass(name) IS NULL
UNION ALL
SELECT 'query ' || name || ' is missing'
  FROM (VALUES ('InsertMembershipVersionKey'), ('InsertMembershipKey'), ('UpdateMembershipKey'), ('UpdateIAmAlivetimeKey'), ('MembershipReadRowKey'), ('MembershipReadAllKey'),
    ('DeleteMembershipTableEntriesKey'), ('CleanupDefunctSiloEntriesKey'), ('GatewaysQueryKey'), ('UpsertReminderRowKey'), ('ReadReminderRowsKey'), ('ReadReminderRowKey'),
    ('ReadRangeRows1Key'), ('ReadRangeRows2Key'), ('DeleteReminderRowKey'), ('DeleteReminderRowsKey'), ('WriteToStorageKey'), ('ReadFromStorageKey'), ('ClearStorageKey'),
    ('DeleteStorageKey')) AS expected(name)
 WHERE NOT EXISTS (SELECT 1 FROM orleansquery WHERE querykey = name);
