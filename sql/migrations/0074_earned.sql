-- What is earned changes only by an action; so no more is posted than the rule gives.
DROP TRIGGER final ON credit;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON credit FOR EACH ROW
	WHEN (OLD.state IN ('earned'))
	EXECUTE FUNCTION record_frozen('state', 'minutes_accepted', 'credits_earned', 'decided_on', 'reason');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON credit FOR EACH ROW
	WHEN (OLD.state IN ('posted'))
	EXECUTE FUNCTION record_frozen();
