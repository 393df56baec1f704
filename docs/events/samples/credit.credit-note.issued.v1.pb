ev-16erp.example"C-1001(ÀÌµþì€“¢?
CREDITNOTE-1ÈÐÒ ÎËÔ	*	INVOICE-12reasonâ1000êa remark