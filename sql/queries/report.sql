-- Around a report (server/report/report.c), in its snapshot.

-- name: report_time
-- When what a report is about was last changed; no row: nothing has been committed by then.
SELECT committed FROM seq_time WHERE seq <= $1::bigint ORDER BY seq DESC LIMIT 1;
