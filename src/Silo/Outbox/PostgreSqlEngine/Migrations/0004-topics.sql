-- Logs of topic messages that durable subscriptions wait for, one for each ingress partition.
CREATE TABLE topic_logs (
    log text PRIMARY KEY,
    -- Rises with every writer.
    epoch bigint NOT NULL,
    -- Number of the newest message.
    last bigint NOT NULL,
    -- Bytes of all messages that there ever were.
    total bigint NOT NULL,
    -- Of messages up to cut only the key is kept, of those up to gone nothing.
    cut bigint NOT NULL DEFAULT 0,
    gone bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

CREATE TABLE topic_messages (
    number bigint NOT NULL,
    -- Bytes of all messages up to this one.
    total bigint NOT NULL,
    log text NOT NULL,
    -- UTF-8 (text cannot hold NUL).
    exchange bytea NOT NULL,
    routing_key bytea NOT NULL,
    stored_at bigint NOT NULL,
    size integer NOT NULL,
    -- In the form of RowFormat; null when it was cut.
    message bytea,
    PRIMARY KEY (log, number)
);

-- One row.
CREATE TABLE topic_registry (generation bigint NOT NULL);
INSERT INTO topic_registry VALUES (0);

CREATE TABLE topic_subscriptions (
    number bigint PRIMARY KEY,
    seen_at bigint NOT NULL DEFAULT 0,
    -- SHA-256 of exchange, pattern, user and id.
    identity bytea NOT NULL UNIQUE,
    exchange bytea NOT NULL,
    pattern bytea NOT NULL,
    has_begun boolean NOT NULL DEFAULT false,
    -- The session that has it.
    session text
) WITH (fillfactor = 70);

-- A subscription's place in each log.
CREATE TABLE topic_cursors (
    subscription bigint NOT NULL,
    settled bigint NOT NULL,
    offered bigint NOT NULL,
    log text NOT NULL,
    PRIMARY KEY (subscription, log)
) WITH (fillfactor = 70);
