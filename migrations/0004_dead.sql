-- What was given up, and what became of it. One row a parked record, however often the parking was told.

CREATE TABLE dead (
    id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    epoch smallint NOT NULL,
    parked_at timestamptz NOT NULL,
    consumer text NOT NULL,
    -- What was given up.
    about_sequence bigint NOT NULL,
    about_subject text NOT NULL,
    about_id uuid,
    deliveries bigint NOT NULL,
    -- A JSON list, oldest first.
    errors text NOT NULL,
    say text NOT NULL,
    -- The last time an operator had it handed out again, and as which number.
    retried_sequence bigint,
    retried_epoch smallint,
    retried_at timestamptz,
    retried_as bigint
);

CREATE INDEX dead_place ON dead (epoch, sequence);
CREATE INDEX dead_about ON dead (consumer, about_sequence);
