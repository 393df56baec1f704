ev-34erp.example"C-1001(ÀÌµşì€“²C
	PROMISE-1ÈĞÒ ÎËÔ	*items-1*items-22madeByâ1000êa remark