-- UTF-8 as well: a client writes the pattern, and text cannot hold NUL.
ALTER TABLE outbox_durables
    ALTER COLUMN name TYPE bytea USING convert_to(name, 'UTF8'),
    ALTER COLUMN exchange TYPE bytea USING convert_to(exchange, 'UTF8'),
    ALTER COLUMN pattern TYPE bytea USING convert_to(pattern, 'UTF8');
