CREATE TABLE c (a text);
COPY c FROM stdin;
it's
\N
\.
CREATE TABLE d (a int);
