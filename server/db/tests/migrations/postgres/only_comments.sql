-- nothing; here
/* nor; here */

;;
