CREATE TABLE t (a text);
SELECT set_config('standard_conforming_strings', 'off', false);
