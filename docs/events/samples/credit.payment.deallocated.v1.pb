ev-20erp.example"C-1001(ΐΜµώμ€“Β(
ALLOCATION-1reasonβ1000κa remark