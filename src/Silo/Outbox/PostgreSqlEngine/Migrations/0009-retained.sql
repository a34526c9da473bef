-- Topic messages that those who subscribe later get too: the last of each routing key.
CREATE TABLE topic_retained (
    version bigint NOT NULL,
    -- UTF-8 (text cannot hold NUL).
    exchange bytea NOT NULL,
    routing_key bytea NOT NULL,
    -- In the form of RowFormat.
    message bytea NOT NULL,
    PRIMARY KEY (exchange, routing_key)
) WITH (fillfactor = 70);
