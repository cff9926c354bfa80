-- Checks of definitions count for the rate limit, beside what `audit_of_work` has.
CREATE INDEX audit_of_checks ON audit (account_id, at) WHERE action = 'agent.check';
