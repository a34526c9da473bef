-- What durable subscriptions are to is read anew after each change: from one interest to the next, however many subscriptions there are to it.
CREATE INDEX topic_subscriptions_interest ON topic_subscriptions (exchange, pattern);
