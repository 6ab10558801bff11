--
-- PostgreSQL database dump
--

\restrict ABbArwEMcyO6A1tNxaeu00oOqgX1XemkNGBU5UfikOzLvHTmxz7TA22xtAneZlD

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: mood; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.mood AS ENUM (
    'ok;',
    'not''ok'
);


--
-- Name: positive; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.positive AS integer
    CONSTRAINT positive_check CHECK ((VALUE > 0));


--
-- Name: bump(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.bump() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  -- a body; with a semicolon
  new.at := coalesce(old.at, 0) + 1;
  IF new.at > 10 THEN RAISE EXCEPTION 'too many;'; END IF;
  RETURN new;
END;
$$;


--
-- Name: outer_one(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.outer_one() RETURNS text
    LANGUAGE plpgsql
    AS $_$
DECLARE r text;
BEGIN
  EXECUTE $inner$ SELECT $$a;b$$ || ';' $inner$ INTO r;
  RETURN r;
END $_$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: a$b; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."a$b" (
    "c$$" integer
);


--
-- Name: kept_function_atomic; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_function_atomic (
    a integer
);


--
-- Name: kept_function_dollar_in_dollar; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_function_dollar_in_dollar (
    a integer
);


--
-- Name: kept_function_plpgsql; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_function_plpgsql (
    a integer
);


--
-- Name: kept_names_quoted; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_names_quoted (
    a integer
);


--
-- Name: kept_rule_parentheses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_rule_parentheses (
    a integer
);


--
-- Name: kept_strings_escape; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_strings_escape (
    a integer
);


--
-- Name: kept_types_and_domains; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_types_and_domains (
    a integer
);


--
-- Name: kept_unicode; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_unicode (
    a integer
);


--
-- Name: s; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.s
    START WITH 5
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: semi;colon; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."semi;colon" (
    "a""b;c" integer,
    "it's" text,
    "--x" integer,
    "/*" integer
);


--
-- Name: É; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."É" (
    "ü;" integer
);


--
-- Name: 列車; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."列車" (
    "имя" text,
    "ñandú" integer
);


--
-- Name: TABLE "列車"; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public."列車" IS 'a; ''b''';


--
-- Data for Name: a$b; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: kept_function_atomic; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_function_atomic VALUES (1);


--
-- Data for Name: kept_function_dollar_in_dollar; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_function_dollar_in_dollar VALUES (1);


--
-- Data for Name: kept_function_plpgsql; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_function_plpgsql VALUES (1);


--
-- Data for Name: kept_names_quoted; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_names_quoted VALUES (1);


--
-- Data for Name: kept_rule_parentheses; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_rule_parentheses VALUES (1);


--
-- Data for Name: kept_strings_escape; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_strings_escape VALUES (1);


--
-- Data for Name: kept_types_and_domains; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_types_and_domains VALUES (1);


--
-- Data for Name: kept_unicode; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kept_unicode VALUES (1);


--
-- Data for Name: semi;colon; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public."semi;colon" VALUES (1, 'x', 2, 3);


--
-- Data for Name: É; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: 列車; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public."列車" VALUES ('夜の列車; 🚂', 1);
INSERT INTO public."列車" VALUES ('é;', 2);


--
-- Name: s; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.s', 5, true);


--
-- PostgreSQL database dump complete
--

\unrestrict ABbArwEMcyO6A1tNxaeu00oOqgX1XemkNGBU5UfikOzLvHTmxz7TA22xtAneZlD

