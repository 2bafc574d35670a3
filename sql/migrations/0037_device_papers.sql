-- What became of a device's certificate.

-- SHA-256 of the public key of the authority that issued the certificate it has; NULL: from before this
-- was written down, so of the district's first one. An authority is retired when nobody needs it.
ALTER TABLE device ADD COLUMN authority bytea;
