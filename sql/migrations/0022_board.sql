-- Advisory boards, memberships and the talks that keep partners.

-- Contact log (67)
CREATE TABLE contact_log (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid NOT NULL,
	supervisor_id uuid,
	planned_on date NOT NULL,
	staff_id uuid,
	kind text NOT NULL,
	subject text,
	held_on date,
	outcome text,
	follow_up text,
	next_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON contact_log
	EXECUTE FUNCTION sync_guard();
CREATE INDEX contact_log_organization_id ON contact_log (organization_id);
COMMENT ON TABLE contact_log IS
	'A talk with a partner: when, by whom, how, about what, and what follows.';
COMMENT ON COLUMN contact_log.state IS
	'planned | done | follow_up_open | closed | missed';
COMMENT ON COLUMN contact_log.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN contact_log.supervisor_id IS
	'Refers to supervisor.';
COMMENT ON COLUMN contact_log.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN contact_log.kind IS
	'visit | phone | video | email | event | mail';
COMMENT ON COLUMN contact_log.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION contact_log_computed(r contact_log, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('planned') AND today >= r.planned_on + 1 THEN 'overdue'
	WHEN r.state IN ('follow_up_open') AND today >= r.next_on + 1 THEN 'follow_up_overdue'
END $$;

-- Advisory board (74)
CREATE TABLE advisory_board (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	program_id uuid,
	charter text,
	meetings_a_year bigint NOT NULL,
	last_met_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON advisory_board
	EXECUTE FUNCTION sync_guard();
CREATE INDEX advisory_board_name ON advisory_board (name);
COMMENT ON TABLE advisory_board IS
	'A board of partners that advises a program, an academy or the district.';
COMMENT ON COLUMN advisory_board.state IS
	'forming | active | dissolved';
COMMENT ON COLUMN advisory_board.program_id IS
	'Empty: it advises the district as a whole. Refers to program_of_study.';
COMMENT ON COLUMN advisory_board.charter IS
	'What the board is for and who sits on it.';
COMMENT ON COLUMN advisory_board.last_met_on IS
	'Set when a meeting is held.';
COMMENT ON COLUMN advisory_board.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION advisory_board_computed(r advisory_board, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('active') AND today >= r.last_met_on + 366 THEN 'dormant'
END $$;

-- Board member (75)
CREATE TABLE board_member (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	board_id uuid NOT NULL,
	name text NOT NULL,
	starts_on date NOT NULL,
	organization_id uuid,
	seat text NOT NULL,
	role text,
	email text,
	phone text,
	ends_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON board_member
	EXECUTE FUNCTION sync_guard();
CREATE INDEX board_member_board_id ON board_member (board_id);
CREATE INDEX board_member_organization_id ON board_member (organization_id);
COMMENT ON TABLE board_member IS
	'A person''s seat on an advisory board for a term.';
COMMENT ON COLUMN board_member.state IS
	'invited | serving | left';
COMMENT ON COLUMN board_member.board_id IS
	'Refers to advisory_board.';
COMMENT ON COLUMN board_member.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN board_member.seat IS
	'employer | college | union | guardian | student | workforce_board | educator | other';
COMMENT ON COLUMN board_member.role IS
	'member | chair | vice_chair | secretary';
COMMENT ON COLUMN board_member.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION board_member_computed(r board_member, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('serving') AND today >= r.ends_on + 1 THEN 'term_over'
	WHEN r.state IN ('serving') AND today >= r.ends_on - 60 THEN 'term_ending'
END $$;

-- Board meeting (76)
CREATE TABLE board_meeting (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	board_id uuid NOT NULL,
	held_on date NOT NULL,
	place text,
	agenda text,
	present text[],
	n_present bigint,
	minutes text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON board_meeting
	EXECUTE FUNCTION sync_guard();
CREATE INDEX board_meeting_board_id ON board_meeting (board_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON board_meeting FOR EACH ROW
	WHEN (OLD.state IN ('minutes_approved'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE board_meeting IS
	'A meeting of an advisory board: agenda, who was there, minutes.';
COMMENT ON COLUMN board_meeting.state IS
	'scheduled | held | minutes_draft | minutes_approved | canceled';
COMMENT ON COLUMN board_meeting.board_id IS
	'Refers to advisory_board.';
COMMENT ON COLUMN board_meeting.present IS
	'Names of those who were there.';
COMMENT ON COLUMN board_meeting.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION board_meeting_computed(r board_meeting, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('scheduled') AND today >= r.held_on + 1 THEN 'overdue'
END $$;

-- Recommendation (77)
CREATE TABLE recommendation (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	board_id uuid NOT NULL,
	meeting_id uuid,
	raised_on date NOT NULL,
	text text NOT NULL,
	course_id uuid,
	program_id uuid,
	owner_id uuid,
	due_on date,
	result text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON recommendation
	EXECUTE FUNCTION sync_guard();
CREATE INDEX recommendation_board_id ON recommendation (board_id);
COMMENT ON TABLE recommendation IS
	'What a board recommends, what the district decides on it, and what came of it.';
COMMENT ON COLUMN recommendation.state IS
	'raised | accepted | in_progress | done | verified | declined';
COMMENT ON COLUMN recommendation.board_id IS
	'Refers to advisory_board.';
COMMENT ON COLUMN recommendation.meeting_id IS
	'Refers to board_meeting.';
COMMENT ON COLUMN recommendation.course_id IS
	'Refers to course.';
COMMENT ON COLUMN recommendation.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN recommendation.owner_id IS
	'Refers to staff.';
COMMENT ON COLUMN recommendation.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION recommendation_computed(r recommendation, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('accepted', 'in_progress') AND today >= r.due_on + 1 THEN 'overdue'
END $$;

-- Civic membership (78)
CREATE TABLE civic_membership (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid NOT NULL,
	starts_on date NOT NULL,
	kind text,
	representative_id uuid,
	seat text,
	dues_cents bigint,
	ends_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON civic_membership
	EXECUTE FUNCTION sync_guard();
CREATE INDEX civic_membership_organization_id ON civic_membership (organization_id);
COMMENT ON TABLE civic_membership IS
	'The district''s membership in a chamber of commerce, a club or a board.';
COMMENT ON COLUMN civic_membership.state IS
	'applied | active | ended';
COMMENT ON COLUMN civic_membership.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN civic_membership.kind IS
	'chamber | rotary | kiwanis | workforce_board | board | other';
COMMENT ON COLUMN civic_membership.representative_id IS
	'Refers to staff.';
COMMENT ON COLUMN civic_membership.seat IS
	'As in member of the board.';
COMMENT ON COLUMN civic_membership.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION civic_membership_computed(r civic_membership, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('active') AND today >= r.ends_on + 1 THEN 'lapsed'
	WHEN r.state IN ('active') AND today >= r.ends_on - 60 THEN 'renewal_due'
END $$;

-- Engagement (79)
CREATE TABLE engagement (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	staff_id uuid NOT NULL,
	organization_id uuid,
	held_on date NOT NULL,
	kind text NOT NULL,
	event_id uuid,
	minutes bigint,
	leads text,
	n_leads bigint,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON engagement
	EXECUTE FUNCTION sync_guard();
CREATE INDEX engagement_organization_id ON engagement (organization_id);
COMMENT ON TABLE engagement IS
	'Time that staff gave in the community: a meeting, a talk, volunteering.';
COMMENT ON COLUMN engagement.state IS
	'logged | voided';
COMMENT ON COLUMN engagement.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN engagement.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN engagement.kind IS
	'meeting | volunteering | presentation | fair | other';
COMMENT ON COLUMN engagement.event_id IS
	'Refers to event.';
COMMENT ON COLUMN engagement.leads IS
	'Who might become a partner because of it.';
COMMENT ON COLUMN engagement.reason IS
	'Why the last move was made.';
