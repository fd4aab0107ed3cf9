"""What a patient may ask of the practice (RGPD): a report, correction, erasure; and how long a record is kept."""
