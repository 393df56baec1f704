ev-13erp.example"C-1001(ΐΜµώμ€“'
	INVOICE-1reasonβ1000κa remark