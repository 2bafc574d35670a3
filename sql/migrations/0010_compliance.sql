-- Tables of proto/records/compliance.proto, as `practicum types --sql` prints them.

-- Document (18)
CREATE TABLE document (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	student_id uuid,
	placement_id uuid,
	organization_id uuid,
	site_id uuid,
	kind text NOT NULL,
	title text,
	version bigint,
	valid_from date,
	valid_until date,
	file_name text,
	file_size bigint,
	file_hash bytea,
	signatures text[],
	note text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON document
	EXECUTE FUNCTION sync_guard();
CREATE INDEX document_student_id ON document (student_id);
CREATE INDEX document_placement_id ON document (placement_id);
COMMENT ON TABLE document IS
	'A paper a placement, student or partner needs: its signatures, validity and file.';
COMMENT ON COLUMN document.state IS
	'required | issued | partly_signed | signed | verified | rejected | waived | replaced';
COMMENT ON COLUMN document.school_id IS
	'Refers to school.';
COMMENT ON COLUMN document.student_id IS
	'Refers to student.';
COMMENT ON COLUMN document.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN document.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN document.site_id IS
	'Refers to site.';
COMMENT ON COLUMN document.kind IS
	'agreement | learning_plan | emergency | safety | waiver | work_permit | background | survey | insurance | other';
COMMENT ON COLUMN document.file_size IS
	'In bytes.';
COMMENT ON COLUMN document.signatures IS
	'role; name; method; date';

-- Rule set (19)
CREATE TABLE rule_set (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	domain text NOT NULL,
	jurisdiction text NOT NULL,
	version bigint NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	parameters text[],
	source text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_set
	EXECUTE FUNCTION sync_guard();
CREATE INDEX rule_set_domain ON rule_set (domain);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON rule_set FOR EACH ROW
	WHEN (OLD.state IN ('approved'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON rule_set FOR EACH ROW
	WHEN (OLD.state IN ('superseded'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE rule_set IS
	'Dated rules of one domain and jurisdiction, read by the programs at school and district.';
COMMENT ON COLUMN rule_set.state IS
	'draft | approved | superseded';
COMMENT ON COLUMN rule_set.domain IS
	'labor | credit | eligibility | perkins | retention | documents | visits';
COMMENT ON COLUMN rule_set.jurisdiction IS
	'us, us-tn, or the district.';
COMMENT ON COLUMN rule_set.parameters IS
	'name=value';
COMMENT ON COLUMN rule_set.source IS
	'The law, policy or decision it comes from.';
