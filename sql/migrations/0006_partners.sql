-- Tables of proto/records/partners.proto, as `practicum types --sql` prints them.

-- Organization (8)
CREATE TABLE organization (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	aliases text[],
	kind text NOT NULL,
	sector text,
	n_employees bigint,
	tax_id_hash bytea,
	contact_name text,
	email text,
	phone text,
	website text,
	street text,
	city text,
	region text,
	postal_code text,
	merged_into_id uuid,
	reason text,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organization
	EXECUTE FUNCTION sync_guard();
CREATE INDEX organization_name ON organization (name);
COMMENT ON TABLE organization IS
	'An employer, college, union, chamber or agency that works with the schools.';
COMMENT ON COLUMN organization.state IS
	'prospect | contacted | in_discussion | approved | declined | suspended | ended | merged';
COMMENT ON COLUMN organization.kind IS
	'employer | college | union | chamber | agency | district | other';
COMMENT ON COLUMN organization.merged_into_id IS
	'Refers to organization.';

-- Site (9)
CREATE TABLE site (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid NOT NULL,
	name text NOT NULL,
	street text,
	city text,
	region text,
	postal_code text,
	latitude_e6 bigint,
	longitude_e6 bigint,
	zone text,
	hazards text[],
	capacity bigint,
	accessibility text,
	phone text,
	surveyed_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON site
	EXECUTE FUNCTION sync_guard();
CREATE INDEX site_organization_id ON site (organization_id);
COMMENT ON TABLE site IS
	'A place of an organization where students work.';
COMMENT ON COLUMN site.state IS
	'proposed | surveyed | approved | suspended | closed';
COMMENT ON COLUMN site.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN site.latitude_e6 IS
	'In millionths of a degree.';
COMMENT ON COLUMN site.longitude_e6 IS
	'In millionths of a degree.';
COMMENT ON COLUMN site.capacity IS
	'In students.';

-- Supervisor (10)
CREATE TABLE supervisor (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid NOT NULL,
	given_name text NOT NULL,
	family_name text NOT NULL,
	site_id uuid,
	job_title text,
	email text,
	phone text,
	background_checked_on date,
	trained_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON supervisor
	EXECUTE FUNCTION sync_guard();
CREATE INDEX supervisor_organization_id ON supervisor (organization_id);
COMMENT ON TABLE supervisor IS
	'A person of an organization who supervises students at work.';
COMMENT ON COLUMN supervisor.state IS
	'invited | verified | trained | active | inactive | barred';
COMMENT ON COLUMN supervisor.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN supervisor.site_id IS
	'Refers to site.';

-- Opportunity (11)
CREATE TABLE opportunity (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid NOT NULL,
	site_id uuid,
	title text NOT NULL,
	kind text NOT NULL,
	program_id uuid,
	occupation_code text,
	duties text,
	seats bigint,
	schedule text,
	weekly_minutes bigint,
	pay text,
	wage_cents bigint,
	minimum_age bigint,
	requirements text,
	hazards text[],
	outcomes text,
	in_district boolean,
	opens_on date,
	closes_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON opportunity
	EXECUTE FUNCTION sync_guard();
CREATE INDEX opportunity_organization_id ON opportunity (organization_id);
COMMENT ON TABLE opportunity IS
	'A place for students that an organization offers.';
COMMENT ON COLUMN opportunity.state IS
	'draft | submitted | approved | open | closed | withdrawn';
COMMENT ON COLUMN opportunity.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN opportunity.site_id IS
	'Refers to site.';
COMMENT ON COLUMN opportunity.kind IS
	'internship | cooperative | apprenticeship | preapprenticeship | clinical | job_shadowing | mentorship | school_enterprise | simulated | service | supervised_agriculture | entrepreneurship | on_the_job | other';
COMMENT ON COLUMN opportunity.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN opportunity.pay IS
	'unpaid | wage | stipend';
COMMENT ON COLUMN opportunity.minimum_age IS
	'In years.';
