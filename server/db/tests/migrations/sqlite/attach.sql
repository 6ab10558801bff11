ATTACH 'other.sqlite' AS other;
