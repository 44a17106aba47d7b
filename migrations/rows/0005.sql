-- 0005_views holds no rows; these are some for the views to show: a second delivery under the first one's GUID.

INSERT INTO github_delivery (epoch, sequence, stored_at, id, guid, hook, event, action, repository, repository_id) VALUES
    (2, 2, '2026-11-22T12:00:00Z', '00000000-0000-4000-8000-000000000006', 'guid-1', '42', 'issues', 'opened', 'acme/site', 7);
