"""Everything a stranger may send, sent on purpose: ``make fuzz``. README.md says what each fuzzer checks."""
