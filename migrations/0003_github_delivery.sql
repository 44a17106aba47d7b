-- What GitHub delivered. One row a record: a redelivery after the bus forgot the first one is a second row.

CREATE TABLE github_delivery (
    sequence bigint NOT NULL,
    stored_at timestamptz NOT NULL,
    repository_id bigint,
    id uuid NOT NULL,
    epoch smallint NOT NULL,
    guid text NOT NULL,
    hook text,
    event text NOT NULL,
    action text,
    repository text,
    PRIMARY KEY (epoch, sequence)
);

CREATE INDEX github_delivery_guid ON github_delivery (guid);
CREATE INDEX github_delivery_repository ON github_delivery (repository_id, epoch, sequence);
