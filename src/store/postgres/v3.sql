-- What authenticates a row, and all rows together.
ALTER TABLE connection ADD COLUMN tag TEXT;
ALTER TABLE store ADD COLUMN state TEXT;
