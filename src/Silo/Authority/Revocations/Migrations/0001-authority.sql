-- What must still be known of tokens after a restart; see docs/decisions/0022-revocation.md.

CREATE TABLE authority_revocations (
    number        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       text,
    token_id      text,
    issued_before timestamptz,
    revoked_at    timestamptz NOT NULL DEFAULT now()
);

-- tokens: JSON, without any token itself.
CREATE TABLE authority_tokens (
    user_id  text        PRIMARY KEY,
    last_end timestamptz NOT NULL,
    tokens   bytea       NOT NULL
);

CREATE INDEX authority_tokens_last_end ON authority_tokens (last_end);
