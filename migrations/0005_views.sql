-- What people ask. Each says as of which number of LOG it answers.

CREATE VIEW as_of AS
SELECT epoch, sequence, moved_at FROM cursor WHERE name = 'log';

-- One row a delivery of GitHub's, however many records it became.
CREATE VIEW delivery AS
SELECT
    guid,
    count(*) AS records,
    (array_agg(sequence ORDER BY epoch, sequence))[1] AS first_sequence,
    (array_agg(sequence ORDER BY epoch DESC, sequence DESC))[1] AS last_sequence,
    min(stored_at) AS first_at,
    max(stored_at) AS last_at,
    (array_agg(event ORDER BY epoch, sequence))[1] AS event,
    (array_agg(action ORDER BY epoch, sequence))[1] AS action,
    (array_agg(repository ORDER BY epoch, sequence))[1] AS repository,
    (SELECT sequence FROM as_of) AS as_of
FROM github_delivery
GROUP BY guid;

-- When each repository was last heard of. It steps through the index from repository to repository, so it costs as
-- much as there are repositories, not deliveries.
CREATE VIEW repository_delivery AS
WITH RECURSIVE repository AS (
    (SELECT repository_id AS id FROM github_delivery WHERE repository_id IS NOT NULL ORDER BY repository_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT repository_id FROM github_delivery
        WHERE repository_id > repository.id ORDER BY repository_id LIMIT 1
    )
    FROM repository WHERE repository.id IS NOT NULL
)
SELECT
    repository.id AS repository_id,
    latest.repository,
    latest.event,
    latest.sequence AS last_sequence,
    latest.stored_at AS last_at,
    now() - latest.stored_at AS age,
    (SELECT sequence FROM as_of) AS as_of
FROM repository
CROSS JOIN LATERAL (
    SELECT repository, event, sequence, stored_at FROM github_delivery
    WHERE repository_id = repository.id ORDER BY epoch DESC, sequence DESC LIMIT 1
) AS latest
WHERE repository.id IS NOT NULL;
