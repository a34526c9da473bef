-- Durable subscriptions of users to their own messages. A mailbox's rows are in outbox_rows, under a key of its own.
CREATE TABLE outbox_durables (
    -- Milliseconds since the Unix epoch.
    seen_at bigint NOT NULL,
    shard smallint NOT NULL,
    -- UTF-8, as the other texts (text cannot hold NUL, and clients write patterns); at most 255 bytes, since the user has signed in.
    user_name bytea NOT NULL,
    name bytea NOT NULL,
    exchange bytea NOT NULL,
    pattern bytea NOT NULL,
    PRIMARY KEY (shard, user_name, name)
);
