-- What is told and asked: conversations, news, surveys, feedback.

-- Media contact (102)
CREATE TABLE media_contact (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	outlet text NOT NULL,
	name text,
	beat text,
	email text,
	phone text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON media_contact
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE media_contact IS
	'A newspaper, station or editor to whom the district tells good news.';
COMMENT ON COLUMN media_contact.state IS
	'active | inactive';

-- Media release (103)
CREATE TABLE media_release (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	text text NOT NULL,
	media_contact_id uuid,
	consents_checked boolean,
	released_on date,
	result text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON media_release
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE media_release IS
	'A text sent to the media: to whom, when, and what was printed.';
COMMENT ON COLUMN media_release.state IS
	'draft | approved | released | withdrawn';
COMMENT ON COLUMN media_release.media_contact_id IS
	'Refers to media_contact.';
COMMENT ON COLUMN media_release.result IS
	'Where and when it was printed.';
COMMENT ON COLUMN media_release.reason IS
	'Why the last move was made.';

-- Survey (104)
CREATE TABLE survey (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	audience text NOT NULL,
	purpose text,
	questions text[],
	opens_on date,
	closes_on date
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON survey
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON survey FOR EACH ROW
	WHEN (OLD.state IN ('open'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON survey FOR EACH ROW
	WHEN (OLD.state IN ('closed'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE survey IS
	'Questions to students, families, partners or staff, in one version.';
COMMENT ON COLUMN survey.state IS
	'draft | open | closed';
COMMENT ON COLUMN survey.audience IS
	'students | families | partners | staff';
COMMENT ON COLUMN survey.purpose IS
	'exit | family | partner | climate | other';
COMMENT ON COLUMN survey.questions IS
	'code: text, as in safe: I felt safe at work.';
CREATE OR REPLACE FUNCTION survey_computed(r survey, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.closes_on + 1 THEN 'over'
END $$;

-- Survey answer (105)
CREATE TABLE survey_answer (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	student_id uuid,
	school_id uuid NOT NULL,
	survey_id uuid NOT NULL,
	placement_id uuid,
	answered_on date NOT NULL,
	role text NOT NULL,
	answers text[],
	comment text
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON survey_answer
	EXECUTE FUNCTION sync_guard();
CREATE INDEX survey_answer_student_id ON survey_answer (student_id);
CREATE INDEX survey_answer_survey_id ON survey_answer (survey_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON survey_answer FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE survey_answer IS
	'One person''s answers to a survey; never changed.';
COMMENT ON COLUMN survey_answer.student_id IS
	'Refers to student.';
COMMENT ON COLUMN survey_answer.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN survey_answer.survey_id IS
	'Refers to survey.';
COMMENT ON COLUMN survey_answer.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN survey_answer.role IS
	'student | guardian | supervisor | staff';
COMMENT ON COLUMN survey_answer.answers IS
	'code=answer for every question.';

-- Feedback (106)
CREATE TABLE feedback (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid,
	given_on date NOT NULL,
	source text NOT NULL,
	theme text,
	text text NOT NULL,
	answer text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON feedback
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE feedback IS
	'What students, partners or departments tell the district, and what is done about it.';
COMMENT ON COLUMN feedback.state IS
	'open | answered | closed';
COMMENT ON COLUMN feedback.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN feedback.source IS
	'student | partner | department | staff | family';
COMMENT ON COLUMN feedback.theme IS
	'As in schedule, training, transport.';
COMMENT ON COLUMN feedback.reason IS
	'Why the last move was made.';

-- Thread (107)
CREATE TABLE thread (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid,
	school_id uuid NOT NULL,
	subject text NOT NULL,
	placement_id uuid,
	organization_id uuid,
	audience text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON thread
	EXECUTE FUNCTION sync_guard();
CREATE INDEX thread_student_id ON thread (student_id);
CREATE INDEX thread_placement_id ON thread (placement_id);
COMMENT ON TABLE thread IS
	'A conversation of staff about a placement, a student or a partner.';
COMMENT ON COLUMN thread.state IS
	'open | closed';
COMMENT ON COLUMN thread.student_id IS
	'Refers to student.';
COMMENT ON COLUMN thread.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN thread.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN thread.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN thread.audience IS
	'staff | student | family | partner';

-- Message (108)
CREATE TABLE message (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid,
	school_id uuid NOT NULL,
	thread_id uuid NOT NULL,
	sender_id uuid,
	recipient text NOT NULL,
	channel text NOT NULL,
	text text NOT NULL,
	sent_on date,
	read_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON message
	EXECUTE FUNCTION sync_guard();
CREATE INDEX message_student_id ON message (student_id);
CREATE INDEX message_thread_id ON message (thread_id);
COMMENT ON TABLE message IS
	'One message of a thread, and whether it arrived.';
COMMENT ON COLUMN message.state IS
	'queued | sent | delivered | read | failed';
COMMENT ON COLUMN message.student_id IS
	'Refers to student.';
COMMENT ON COLUMN message.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN message.thread_id IS
	'Refers to thread.';
COMMENT ON COLUMN message.channel IS
	'email | text | phone | portal | mail';
COMMENT ON COLUMN message.reason IS
	'Why the last move was made.';

-- Announcement (109)
CREATE TABLE announcement (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	audience text NOT NULL,
	channel text NOT NULL,
	text text NOT NULL,
	consents_checked boolean,
	publish_on date,
	until date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON announcement
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE announcement IS
	'News to an audience through a channel, approved before it is published.';
COMMENT ON COLUMN announcement.state IS
	'draft | approved | published | withdrawn';
COMMENT ON COLUMN announcement.audience IS
	'everyone | staff | students | families | partners';
COMMENT ON COLUMN announcement.channel IS
	'website | newsletter | social | email | event';
COMMENT ON COLUMN announcement.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION announcement_computed(r announcement, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('published') AND today >= r.until + 1 THEN 'over'
END $$;
