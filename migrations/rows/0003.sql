-- Rows as they stood after 0003_github_delivery.

INSERT INTO github_delivery (epoch, sequence, stored_at, id, guid, hook, event, action, repository, repository_id) VALUES
    (1, 2, '2026-11-22T10:00:01Z', '00000000-0000-4000-8000-000000000002', 'guid-1', '42', 'issues', 'opened', 'acme/site', 7);

INSERT INTO projection (name, version) VALUES ('github_delivery', 1);
