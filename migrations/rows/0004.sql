-- Rows as they stood after 0004_dead.

INSERT INTO dead (id, epoch, sequence, parked_at, consumer, about_sequence, about_subject, about_id, deliveries, errors, say) VALUES
    ('00000000-0000-4000-8000-000000000004', 1, 4, '2026-11-22T10:00:03Z', 'door-chat', 2, 'rig.cmd.chat.general.post', NULL, 5,
        '["first","last"]', 'door-chat gave record 2 up');

INSERT INTO projection (name, version) VALUES ('dead', 1);
