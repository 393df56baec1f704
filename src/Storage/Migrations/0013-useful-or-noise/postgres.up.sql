-- What somebody thought of an alert: 0 nothing, 1 useful, 2 noise. Thresholds are proposed from it.
ALTER TABLE alert ADD COLUMN tag int NOT NULL DEFAULT 0 CHECK (tag BETWEEN 0 AND 2);
CREATE INDEX alert_tagged ON alert (raised_at DESC, id DESC) WHERE tag <> 0;
