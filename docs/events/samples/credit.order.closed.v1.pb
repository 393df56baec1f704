ev-4erp.example"C-1001(ΐΜµώμ€“Β%
ORDER-1reasonβ1000κa remark