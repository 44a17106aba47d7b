-- Rows as they stood after 0002_chat_message.

INSERT INTO chat_message (epoch, sequence, stored_at, said_at, id, speaker, room, who, door, say) VALUES
    (1, 1, '2026-11-22T10:00:00.000001Z', '2026-11-22T10:00:00Z', '00000000-0000-4000-8000-000000000001', 'operator', 'general', 'sam', 'terminal', 'hello');

INSERT INTO projection (name, version) VALUES ('chat_message', 1);
