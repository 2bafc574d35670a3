-- A person may have had several keys on a device: with a forgotten password goes what it locked, and
-- what the old key signed still holds.
ALTER TABLE attestation DROP CONSTRAINT attestation_user_id_device_id_fkey;
ALTER TABLE user_device DROP CONSTRAINT user_device_pkey,
	ADD PRIMARY KEY (device_id, user_id, public_key);
ALTER TABLE attestation ADD COLUMN public_key bytea NOT NULL,
	ADD FOREIGN KEY (device_id, user_id, public_key) REFERENCES user_device;
