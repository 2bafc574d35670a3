-- What is to be judged anew (server/rejudge).

-- name: rejudge_lock
-- One server judges anew at a time; the lock goes with the connection.
SELECT pg_try_advisory_lock(hashtextextended('practicum rejudge', 0));

-- name: rejudge_next
-- What was asked for first, and the last counter of the server itself. $1: its device, $2: incarnation.
SELECT r.id, r.because,
       coalesce((SELECT c.last_counter FROM device_counter c
                  WHERE c.device_id = $1::uuid AND c.incarnation = $2::bigint), 0)
  FROM rejudge r
 WHERE r.ended IS NULL
 ORDER BY r.id
 LIMIT 1;

-- name: rejudge_sheets
-- The next sheets that it bears on and that can be judged, $2 of them.
SELECT s.id, s.seq
  FROM rejudge r
  JOIN time_sheet s ON s.id > r.done_to
  JOIN student p ON p.id = s.student_id
 WHERE r.id = $1::bigint AND s.state IN ('submitted', 'flagged') AND NOT s.deleted
   AND s.week_start BETWEEN r.first_day AND r.last_day
   AND (r.school_id IS NULL OR s.school_id = r.school_id)
   AND (r.student_id IS NULL OR s.student_id = r.student_id)
   AND p.birth_date IS NOT NULL
 ORDER BY s.id
 LIMIT $2::bigint;

-- name: rejudge_note
-- $2: the last sheet that was judged, null when there was none; $3: how many; $4: that was all.
UPDATE rejudge
   SET done_to = coalesce($2::uuid, done_to), n_judged = n_judged + $3::bigint,
       ended = CASE WHEN $4::boolean THEN now() END
 WHERE id = $1::bigint AND ended IS NULL;
