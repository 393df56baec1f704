ev-35erp.example"C-1001(ΐΜµώμ€“Ί%
	PROMISE-1reasonβ1000κa remark