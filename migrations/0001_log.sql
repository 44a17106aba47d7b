-- Every record of LOG as it was.
--
-- `epoch` and `sequence` are the place where the record was first stored, and stay when LOG is restored: LOG made anew
-- counts from 1 again, in another epoch, and must not write over what stands here.

CREATE TABLE epoch (
    -- In the order in which LOG lived them: ordering by (epoch, sequence) is ordering by time of storing.
    ordinal smallint PRIMARY KEY,
    id text NOT NULL UNIQUE
);

CREATE TABLE log (
    sequence bigint NOT NULL,
    -- The server's time, cut to the microsecond that a timestamptz holds; `nanos` is what was cut off.
    stored_at timestamptz NOT NULL,
    id uuid,
    epoch smallint NOT NULL,
    nanos smallint NOT NULL,
    type text,
    subject text NOT NULL,
    -- A JSON object, name to values; none where the message had none.
    headers text,
    -- A text cannot hold what is not UTF-8, nor U+0000; such a body stands in body_bytes.
    body text,
    body_bytes bytea,
    -- Why it is not taken for a record.
    refused text,
    PRIMARY KEY (epoch, sequence),
    CONSTRAINT log_one_body CHECK (num_nonnulls(body, body_bytes) = 1)
) PARTITION BY RANGE (sequence);

-- lz4 where this PostgreSQL was built with it: bodies go in several times faster than with its own compression.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE log ALTER body SET COMPRESSION lz4, ALTER body_bytes SET COMPRESSION lz4;
    END IF;
END
$$;

CREATE INDEX log_id ON log (id);
CREATE INDEX log_refused ON log (epoch, sequence) WHERE refused IS NOT NULL;

-- How far the rows go. It moves in the transaction that writes the rows.
CREATE TABLE cursor (
    name text PRIMARY KEY,
    -- A position in LOG as LOG numbers it now.
    epoch text NOT NULL,
    sequence bigint NOT NULL,
    -- While everything is refolded: the last number that LOG had when it began.
    refold_until bigint,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Which version of each table's projector its rows were made by.
CREATE TABLE projection (
    name text PRIMARY KEY,
    version integer NOT NULL
);

-- A restoration of LOG from these rows that was begun and is not done.
CREATE TABLE restoration (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch text NOT NULL,
    plan text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
