-- Around a report (server/report/report.c), in its snapshot.

-- name: report_time
-- When what a report is about was last changed; no row: nothing has been committed by then.
SELECT committed FROM seq_time WHERE seq <= $1::bigint ORDER BY seq DESC LIMIT 1;

-- name: report_rules
-- The rule sets of the district that held as of the number, each for its days.
SELECT domain, jurisdiction, version, starts_on, ends_on, coalesce(parameters, '{}')
  FROM rule_set_history
 WHERE held(from_seq, to_seq, $1::bigint) AND state <> 'draft' AND domain <> 'labor'
 ORDER BY id;
