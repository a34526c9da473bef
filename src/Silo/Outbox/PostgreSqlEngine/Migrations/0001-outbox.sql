-- One row a shard. Every commit of its owner updates it, so pages keep room for new versions of their rows.
CREATE TABLE outbox_shards (
    shard smallint PRIMARY KEY,
    -- Rises with every owner.
    epoch bigint NOT NULL,
    -- Number of the owner's newest commit: one that comes late, over a connection that was given up, changes nothing.
    commit_number bigint NOT NULL
) WITH (fillfactor = 20);

-- What users have not been delivered yet.
CREATE TABLE outbox_rows (
    epoch bigint NOT NULL,
    number bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- Hash of the message-id, if there is one; the message says whether it is the same.
    message_hash bigint,
    -- Bytes that it counts for in limits and windows.
    size integer NOT NULL,
    shard smallint NOT NULL,
    -- UTF-8 (text cannot hold NUL); a name too long for an index is its hash here, and stands in long_user.
    user_key bytea NOT NULL,
    -- All else, in the form of RowFormat.
    message bytea NOT NULL,
    long_user bytea,
    PRIMARY KEY (shard, user_key, epoch, number)
);

CREATE INDEX outbox_rows_message_hash ON outbox_rows (message_hash) WHERE message_hash IS NOT NULL;

CREATE INDEX outbox_rows_expires_at ON outbox_rows (expires_at);

-- Sums over a user's rows, and how many messages were dropped that he was not told of.
CREATE TABLE outbox_tallies (
    messages bigint NOT NULL,
    bytes bigint NOT NULL,
    dropped bigint NOT NULL,
    shard smallint NOT NULL,
    user_key bytea NOT NULL,
    PRIMARY KEY (shard, user_key)
) WITH (fillfactor = 70);
