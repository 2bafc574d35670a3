-- Who confirmed approved hours, how that came to whoever entered it, and the file that shows it.
ALTER TABLE approval
	ADD COLUMN supervisor_id uuid,
	ADD COLUMN capture text,
	ADD COLUMN attachment_id uuid;
COMMENT ON COLUMN approval.supervisor_id IS
	'Who confirmed the hours. Refers to supervisor.';
COMMENT ON COLUMN approval.capture IS
	'screen | call | email | paper';
COMMENT ON COLUMN approval.attachment_id IS
	'Refers to attachment.';
