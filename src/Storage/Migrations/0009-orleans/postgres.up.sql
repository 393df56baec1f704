-- What the cluster edition keeps beside the journal. Who is a member decides where partitions are opened, and never whether a commit stands.

CREATE TABLE orleansquery (
  querykey  varchar(64) PRIMARY KEY,
  querytext text NOT NULL
);

-- One row per cluster: its version orders all changes of the membership.
CREATE TABLE orleansmembershipversiontable (
  deploymentid varchar(150) PRIMARY KEY,
  timestamp    timestamptz(3) NOT NULL DEFAULT now(),
  version      int NOT NULL DEFAULT 0
);

CREATE TABLE orleansmembershiptable (
  deploymentid varchar(150) NOT NULL REFERENCES orleansmembershipversiontable,
  address      varchar(45)  NOT NULL,
  port         int          NOT NULL,
  generation   int          NOT NULL,
  siloname     varchar(150) NOT NULL,
  hostname     varchar(150) NOT NULL,
  status       int          NOT NULL,
  proxyport    int,
  suspecttimes varchar(8000),
  starttime    timestamptz(3) NOT NULL,
  iamalivetime timestamptz(3) NOT NULL,
  PRIMARY KEY (deploymentid, address, port, generation)
);

CREATE TABLE orleansreminderstable (
  serviceid    varchar(150) NOT NULL,
  grainid      varchar(150) NOT NULL,
  remindername varchar(150) NOT NULL,
  starttime    timestamptz(3) NOT NULL,
  period       bigint NOT NULL,
  grainhash    int NOT NULL,
  version      int NOT NULL,
  PRIMARY KEY (serviceid, grainid, remindername)
);
CREATE INDEX orleansreminderstable_by_hash ON orleansreminderstable (serviceid, grainhash);

CREATE TABLE orleansstorage (
  grainidhash            int NOT NULL,
  grainidn0              bigint NOT NULL,
  grainidn1              bigint NOT NULL,
  graintypehash          int NOT NULL,
  graintypestring        varchar(512) NOT NULL,
  grainidextensionstring varchar(512),
  serviceid              varchar(150) NOT NULL,
  payloadbinary          bytea,
  modifiedon             timestamp NOT NULL,
  version                int NOT NULL
);
-- One row per grain and state: of two first writers the second one finds it taken.
CREATE UNIQUE INDEX orleansstorage_key ON orleansstorage
  (grainidhash, graintypehash, grainidn0, grainidn1, serviceid, graintypestring, coalesce(grainidextensionstring, ''));

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', '
WITH made AS (INSERT INTO orleansmembershipversiontable (deploymentid) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
SELECT count(*)::int FROM made'),

('InsertMembershipKey', '
WITH moved AS (
  UPDATE orleansmembershipversiontable v SET version = v.version + 1, timestamp = now()
   WHERE v.deploymentid = @DeploymentId AND v.version = @Version
     AND NOT EXISTS (SELECT 1 FROM orleansmembershiptable m WHERE m.deploymentid = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
  RETURNING v.deploymentid),
made AS (
  INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
  SELECT moved.deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM moved
  RETURNING 1)
SELECT count(*)::int FROM made'),

('UpdateMembershipKey', '
WITH moved AS (
  UPDATE orleansmembershipversiontable v SET version = v.version + 1, timestamp = now()
   WHERE v.deploymentid = @DeploymentId AND v.version = @Version
     AND EXISTS (SELECT 1 FROM orleansmembershiptable m WHERE m.deploymentid = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
  RETURNING v.deploymentid),
changed AS (
  UPDATE orleansmembershiptable m SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
    FROM moved
   WHERE m.deploymentid = moved.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
  RETURNING 1)
SELECT count(*)::int FROM changed'),

('UpdateIAmAlivetimeKey', '
UPDATE orleansmembershiptable SET iamalivetime = @IAmAliveTime
 WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),

-- The version comes also when there is no such silo, or none at all.
('MembershipReadRowKey', '
SELECT v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version
  FROM orleansmembershipversiontable v
  LEFT JOIN orleansmembershiptable m ON m.deploymentid = v.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
 WHERE v.deploymentid = @DeploymentId'),

('MembershipReadAllKey', '
SELECT v.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version
  FROM orleansmembershipversiontable v
  LEFT JOIN orleansmembershiptable m ON m.deploymentid = v.deploymentid
 WHERE v.deploymentid = @DeploymentId'),

('DeleteMembershipTableEntriesKey', '
WITH gone AS (DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId RETURNING 1)
DELETE FROM orleansmembershipversiontable WHERE deploymentid = @DeploymentId AND (SELECT count(*) FROM gone) >= 0'),

-- Status 3 is active: such a silo is not defunct, however long it has been silent; the others declare it dead first.
('CleanupDefunctSiloEntriesKey', '
DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3'),

('GatewaysQueryKey', '
SELECT address, proxyport, generation FROM orleansmembershiptable WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0'),

('UpsertReminderRowKey', '
INSERT INTO orleansreminderstable AS r (serviceid, grainid, remindername, starttime, period, grainhash, version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (serviceid, grainid, remindername) DO UPDATE
   SET starttime = excluded.starttime, period = excluded.period, grainhash = excluded.grainhash, version = r.version + 1
RETURNING r.version'),

('ReadReminderRowsKey', '
SELECT grainid, remindername, starttime, period, version FROM orleansreminderstable WHERE serviceid = @ServiceId AND grainid = @GrainId'),

('ReadReminderRowKey', '
SELECT grainid, remindername, starttime, period, version FROM orleansreminderstable
 WHERE serviceid = @ServiceId AND grainid = @GrainId AND remindername = @ReminderName'),

-- The ring of hashes, from behind the first to the second; the other query is for a range that goes over the end.
('ReadRangeRows1Key', '
SELECT grainid, remindername, starttime, period, version FROM orleansreminderstable
 WHERE serviceid = @ServiceId AND grainhash > @BeginHash AND grainhash <= @EndHash'),

('ReadRangeRows2Key', '
SELECT grainid, remindername, starttime, period, version FROM orleansreminderstable
 WHERE serviceid = @ServiceId AND (grainhash > @BeginHash OR grainhash <= @EndHash)'),

('DeleteReminderRowKey', '
WITH gone AS (
  DELETE FROM orleansreminderstable WHERE serviceid = @ServiceId AND grainid = @GrainId AND remindername = @ReminderName AND version = @Version RETURNING 1)
SELECT count(*)::int FROM gone'),

('DeleteReminderRowsKey', '
DELETE FROM orleansreminderstable WHERE serviceid = @ServiceId'),

-- The version that was read comes back unchanged when somebody else has written meanwhile: the provider takes that for a conflict.
('WriteToStorageKey', '
WITH changed AS (
  UPDATE orleansstorage SET payloadbinary = @PayloadBinary, modifiedon = now() AT TIME ZONE ''utc'', version = version + 1
   WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1 AND serviceid = @ServiceId
     AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
  RETURNING version),
made AS (
  INSERT INTO orleansstorage (grainidhash, grainidn0, grainidn1, graintypehash, graintypestring, grainidextensionstring, serviceid, payloadbinary, modifiedon, version)
  SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId, @PayloadBinary, now() AT TIME ZONE ''utc'', 1
   WHERE @GrainStateVersion IS NULL
  ON CONFLICT DO NOTHING
  RETURNING version)
SELECT coalesce((SELECT version FROM changed), (SELECT version FROM made), @GrainStateVersion) AS newgrainstateversion'),

('ReadFromStorageKey', '
SELECT payloadbinary, now() AT TIME ZONE ''utc'', version FROM orleansstorage
 WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1 AND serviceid = @ServiceId
   AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString'),

('ClearStorageKey', '
UPDATE orleansstorage SET payloadbinary = NULL, modifiedon = now() AT TIME ZONE ''utc'', version = version + 1
 WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1 AND serviceid = @ServiceId
   AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
RETURNING version AS newgrainstateversion'),

('DeleteStorageKey', '
DELETE FROM orleansstorage
 WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1 AND serviceid = @ServiceId
   AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
RETURNING version + 1 AS newgrainstateversion');
