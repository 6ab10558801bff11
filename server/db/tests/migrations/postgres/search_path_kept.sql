CREATE SCHEMA other;
ALTER ROLE CURRENT_USER SET search_path = other;
