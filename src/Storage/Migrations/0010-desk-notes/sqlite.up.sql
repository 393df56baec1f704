-- Notes of the desk: how people sign in, sessions, saved views, settings. Nothing that decides about money.
CREATE TABLE desk_note (
  kind    TEXT    NOT NULL,
  id      TEXT    NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  body    TEXT    NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
