-- When it is to be told that messages wait for a user: milliseconds since the Unix epoch, 0 never, -1 it was told.
ALTER TABLE outbox_tallies ADD COLUMN notice_at bigint NOT NULL DEFAULT 0;

-- As in outbox_rows: the name of a user whose key is its hash.
ALTER TABLE outbox_tallies ADD COLUMN long_user bytea;

CREATE INDEX outbox_tallies_notice_at ON outbox_tallies (notice_at) WHERE notice_at > 0;
