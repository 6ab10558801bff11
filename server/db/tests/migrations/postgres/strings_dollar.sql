CREATE TABLE t (a text);
INSERT INTO t VALUES ($$a;b$$), ($tag$ $$;$$ 'x $tag$), ($é$;$é$);
INSERT INTO t VALUES ($a$ $b$ ; $b$ $A$ ; $a$);
