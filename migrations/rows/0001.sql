-- Rows as they stood after 0001_log: two lives of LOG, a body that is no text, a record that was refused.

INSERT INTO epoch (ordinal, id) VALUES (1, 'e0000000-0000-4000-8000-000000000001'), (2, 'e0000000-0000-4000-8000-000000000002');

CREATE TABLE log_0 (LIKE log INCLUDING ALL);
ALTER TABLE log ATTACH PARTITION log_0 FOR VALUES FROM (0) TO (1000000);

INSERT INTO log (epoch, sequence, stored_at, nanos, id, type, subject, headers, body, body_bytes, refused) VALUES
    (1, 1, '2026-11-22T10:00:00.000001Z', 7, '00000000-0000-4000-8000-000000000001', 'rig.chat.said.v1',
        'rig.evt.chat.general.operator.sam', '{"Nats-Msg-Id":["1"]}',
        '{"specversion":"1.0","id":"00000000-0000-4000-8000-000000000001","type":"rig.chat.said.v1","source":"/rig/chat","time":"2026-11-22T10:00:00Z","trust":"operator","data":{"say":"hello","room":"general","who":"sam","door":"terminal"}}',
        NULL, NULL),
    (1, 2, '2026-11-22T10:00:01Z', 0, '00000000-0000-4000-8000-000000000002', 'rig.github.issues.v1',
        'rig.evt.github.acme.site.issues', NULL,
        '{"specversion":"1.0","id":"00000000-0000-4000-8000-000000000002","type":"rig.github.issues.v1","source":"/rig/ingest","time":"2026-11-22T10:00:01Z","data":{"say":"an issue was opened","event":"issues","action":"opened","delivery":"guid-1","hook":"42","repository":"acme/site","repository_id":7,"payload":{"action":"opened","text":"\u0000"}}}',
        NULL, NULL),
    (1, 3, '2026-11-22T10:00:02Z', 999, NULL, NULL, 'rig.evt.chat.general.agent.dev-e', NULL, NULL, '\xff00',
        'its body is not a CloudEvents envelope: expected value at line 1 column 1'),
    (1, 4, '2026-11-22T10:00:03Z', 0, '00000000-0000-4000-8000-000000000004', 'rig.dead.parked.v1', 'rig.evt.dead.door-chat', NULL,
        '{"specversion":"1.0","id":"00000000-0000-4000-8000-000000000004","type":"rig.dead.parked.v1","source":"/rig/chat","time":"2026-11-22T10:00:03Z","data":{"say":"door-chat gave record 2 up","consumer":"door-chat","sequence":2,"subject":"rig.cmd.chat.general.post","deliveries":5,"errors":["first","last"]}}',
        NULL, NULL),
    (2, 1, '2026-11-22T11:00:00Z', 0, '00000000-0000-4000-8000-000000000005', 'rig.work.merged.v9', 'rig.evt.work.acme.site.4.merged', NULL,
        '{"specversion":"1.0","id":"00000000-0000-4000-8000-000000000005","type":"rig.work.merged.v9","source":"/rig/conductor","time":"2026-11-22T11:00:00Z","data":{"say":"merged"}}',
        NULL, NULL);

INSERT INTO cursor (name, epoch, sequence) VALUES ('log', 'e0000000-0000-4000-8000-000000000002', 1);
