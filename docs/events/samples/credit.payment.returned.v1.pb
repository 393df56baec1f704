ev-21erp.example"C-1001(ÀÌµşì€“Ê*
	PAYMENT-1ÎËÔ	reasonâ1000êa remark