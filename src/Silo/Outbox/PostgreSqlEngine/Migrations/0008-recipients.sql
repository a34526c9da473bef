-- Messages to many users that were acknowledged and are not safe yet with all of them: a log for each ingress partition.
CREATE TABLE recipients_logs (
    log text PRIMARY KEY,
    -- Rises with every writer.
    epoch bigint NOT NULL,
    -- The highest number that was ever given.
    last bigint NOT NULL
) WITH (fillfactor = 20);

-- A row lives for a second or so.
CREATE TABLE recipients_deliveries (
    number bigint NOT NULL,
    log text NOT NULL,
    -- The recipients, and the message in the form of RowFormat.
    delivery bytea NOT NULL,
    PRIMARY KEY (log, number)
);
