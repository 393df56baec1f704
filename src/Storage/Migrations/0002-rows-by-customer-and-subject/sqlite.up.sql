-- Lists by customer and by order, signal or actor walked the whole table in time order before. The indexes end in the
-- order of the pages, so that a page is read without a sort. Partial: rows of the house have no customer.
CREATE INDEX decision_by_customer ON decision (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX hold_by_customer ON hold (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX signal_by_customer ON signal (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX limit_change_by_customer ON limit_change (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX dead_letter_by_customer ON dead_letter (customer, at, partition, seq, idx, ordinal) WHERE customer <> '';
CREATE INDEX decision_by_subject ON decision (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';
CREATE INDEX hold_by_subject ON hold (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';
CREATE INDEX audit_by_subject ON audit (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';
CREATE INDEX dead_letter_by_subject ON dead_letter (subject, at, partition, seq, idx, ordinal) WHERE subject <> '';

-- Reports ask for an account by its customer, the machine by its slot.
CREATE INDEX account_by_customer ON account (customer);
