-- Notes of the desk: how people sign in, sessions, saved views, settings. Nothing that decides about money.
CREATE TABLE desk_note (
  kind    text   NOT NULL,
  id      text   NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  body    text   NOT NULL,
  PRIMARY KEY (kind, id)
) WITH (fillfactor = 70);
