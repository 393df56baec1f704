ev-63erp.example"C-1001(ΐΜµώμ€“
reasonβ1000κa remark