-- How many durable topic subscriptions a user has is limited. SHA-256 of the user: names may be longer than an entry of an index. Null in rows of versions before, which are not counted.
ALTER TABLE topic_subscriptions ADD COLUMN user_hash bytea;
CREATE INDEX topic_subscriptions_user ON topic_subscriptions (user_hash);
