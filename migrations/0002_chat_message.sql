-- Who said what, in which room.

CREATE TABLE chat_message (
    sequence bigint NOT NULL,
    stored_at timestamptz NOT NULL,
    -- By the speaker's clock.
    said_at timestamptz NOT NULL,
    id uuid NOT NULL,
    epoch smallint NOT NULL,
    speaker text NOT NULL CHECK (speaker IN ('operator', 'agent')),
    room text NOT NULL,
    who text NOT NULL,
    door text,
    say text NOT NULL,
    PRIMARY KEY (epoch, sequence)
);

CREATE INDEX chat_message_room ON chat_message (room, epoch, sequence);
