-- nothing; here
/* nor; here */
;;