"""What marketing and sales agreed on, as pure functions of records, rules and `as_of`."""
