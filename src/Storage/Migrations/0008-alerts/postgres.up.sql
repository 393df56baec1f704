-- What people are told, beside the journal and under no fence of a partition: a channel has an epoch of its own.
CREATE TABLE alert (
  id         text   COLLATE "C" NOT NULL PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 512),
  customer   text   COLLATE "C" NOT NULL,
  rule       text   COLLATE "C" NOT NULL,
  severity   int    NOT NULL CHECK (severity BETWEEN 1 AND 5),
  state      int    NOT NULL CHECK (state BETWEEN 1 AND 4),
  raised_at  bigint NOT NULL,
  changed_at bigint NOT NULL,
  partition  int    NOT NULL,
  seq        bigint NOT NULL,
  idx        int    NOT NULL,
  ordinal    int    NOT NULL,
  body       bytea  NOT NULL,
  handling   int    NOT NULL DEFAULT 0 CHECK (handling BETWEEN 0 AND 2),
  handled_by text   NOT NULL DEFAULT '',
  handled_at bigint NOT NULL DEFAULT 0,
  version    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX alert_in_order ON alert (raised_at DESC, id DESC);
CREATE INDEX alert_by_customer ON alert (customer, raised_at DESC, id DESC);
CREATE INDEX alert_firing ON alert (id) WHERE state = 1;

CREATE TABLE alert_note (
  alert  text   COLLATE "C" NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY,
  at     bigint NOT NULL,
  actor  text   NOT NULL,
  act    text   NOT NULL,
  text   text   NOT NULL,
  PRIMARY KEY (alert, number)
);

-- The key is the idempotency key of the message: one thing of one alert goes to one channel once.
CREATE TABLE delivery (
  alert         text   COLLATE "C" NOT NULL CHECK (octet_length(alert) BETWEEN 1 AND 512),
  transition    text   COLLATE "C" NOT NULL CHECK (octet_length(transition) BETWEEN 1 AND 600),
  channel       text   COLLATE "C" NOT NULL CHECK (octet_length(channel) BETWEEN 1 AND 64),
  route         text   NOT NULL,
  severity      int    NOT NULL,
  state         int    NOT NULL CHECK (state BETWEEN 1 AND 8),
  created_at    bigint NOT NULL,
  changed_at    bigint NOT NULL,
  first_sent_at bigint NOT NULL,
  attempts      int    NOT NULL,
  message_id    text   COLLATE "C" NOT NULL,
  may_be_there  int    NOT NULL,
  answer        text   NOT NULL,
  muted_by      text   NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (alert, transition, channel)
) WITH (fillfactor = 80);
-- What waits, of each channel, in order.
CREATE INDEX delivery_open ON delivery (channel, number) WHERE state <= 2;
CREATE UNIQUE INDEX delivery_in_order ON delivery (number);
CREATE INDEX delivery_of_channel ON delivery (channel, number);

CREATE TABLE alert_channel (
  name   text   COLLATE "C" NOT NULL PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 64),
  epoch  bigint NOT NULL CHECK (epoch >= 1),
  memory bytea  NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE silence (
  id         text   COLLATE "C" NOT NULL PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 128),
  created_at bigint NOT NULL,
  ends_at    bigint NOT NULL,
  body       bytea  NOT NULL,
  version    bigint NOT NULL CHECK (version >= 1)
);

CREATE TABLE alert_since (
  partition int    NOT NULL PRIMARY KEY,
  seq       bigint NOT NULL
);
