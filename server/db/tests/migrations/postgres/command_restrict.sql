\restrict ab

CREATE TABLE c (a text);

\unrestrict ab
