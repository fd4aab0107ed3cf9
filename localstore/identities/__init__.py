"""Who a person is: traits, the INS as it is scanned, homonyms, two records of one person."""
