SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.extra (id int);
INSERT INTO public.extra VALUES (1);
