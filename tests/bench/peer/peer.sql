-- The plain path: an idempotency key with its verdict, a row and a change-log line a mutation.
CREATE TABLE entry (
  id uuid PRIMARY KEY,
  school uuid NOT NULL,
  sheet_id uuid, placement_id uuid, student_id uuid,
  work_date integer, starts_at integer, ends_at integer,
  break_minutes bigint, elapsed_minutes bigint,
  zone text, task text, note text
);
CREATE TABLE change_key (
  device uuid, counter bigint, verdict smallint NOT NULL,
  PRIMARY KEY (device, counter)
);
CREATE TABLE change_log (
  rev bigserial PRIMARY KEY,
  school uuid NOT NULL,
  entry_id uuid NOT NULL
);
CREATE INDEX change_log_school ON change_log (school, rev);
CREATE TABLE device_counter (device uuid PRIMARY KEY, last_counter bigint NOT NULL);
