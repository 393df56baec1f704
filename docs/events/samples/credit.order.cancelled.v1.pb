ev-3erp.example"C-1001(ΐΜµώμ€“Ί%
ORDER-1reasonβ1000κa remark