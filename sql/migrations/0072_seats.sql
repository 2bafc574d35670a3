-- Who has a seat of an opportunity is looked up by it when an application is accepted.
CREATE INDEX application_opportunity_id ON application (opportunity_id);
CREATE INDEX placement_opportunity_id ON placement (opportunity_id);
